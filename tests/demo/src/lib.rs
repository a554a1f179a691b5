//! Stands for the outside systems of the examples, in one server: identities, address intelligence, cloud principals, an
//! inventory, tickets, chat. What it answers follows from the ids alone; what it is told to do, it keeps count of; and it can be
//! made to fail.
//!
//! | system | routes |
//! |---|---|
//! | `/okta` | `GET /api/v1/users/{id}`, `GET …/sign-ins`, `POST …/lifecycle/suspend`, `POST …/lifecycle/unsuspend` |
//! | `/intel` | `GET /ip/{ip}` |
//! | `/aws` | `GET /principals/{id}`, `POST …/quarantine`, `POST …/release` |
//! | `/assets` | `GET /{account}` |
//! | `/tickets` | `POST /api/tickets` |
//! | `/chat` | `POST /messages` |
//! | `/entra` | Microsoft Graph: `GET` and `PATCH /v1.0/users/{id}`, `POST …/revokeSignInSessions`; `POST /oauth2/token` |
//! | `/falcon` | CrowdStrike: `GET /devices/entities/devices/v2`, `POST /devices/entities/devices-actions/v2`, `POST /oauth2/token` |
//! | `/sentinelone` | `GET /web/api/v2.1/agents`, `POST …/actions/disconnect`, `POST …/actions/connect` |
//! | `/jira` | `POST /rest/api/3/issue`, `POST …/{key}/comment` |
//! | `/servicenow` | `POST /api/now/table/incident` |
//! | `/slack` | `POST /api/chat.postMessage` |
//! | `/virustotal` | `GET /api/v3/files/{id}`, `…/domains/{id}`, `…/ip_addresses/{id}` |
//! | `/_demo` | `GET /counts`, `POST /faults`, `DELETE /faults` |
//!
//! An id that begins with `missing` is not found anywhere.

mod counts;
mod faults;
mod hostile;
mod running;
mod server;
mod systems;
mod target;

pub use counts::{Counts, Double, Write};
pub use faults::{Fault, Kind};
pub use hostile::Hostile;
pub use running::Running;
pub use server::{Handle, Options, serve};
pub use target::{Account, Received, Target};
