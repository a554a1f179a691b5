//! Events of a ticket system.

use serde_json::{Value, json};

/// The connector: `wait tickets.closed(ID)` gives who closed the ticket, as `.by`.
pub const TICKETS: &str = r#"
type Ticket { id: String, by: String }
connector tickets {
  config { base_url: Url }
  event closed(id: String) -> Ticket
    accept payload.kind as String? == "closed" -> payload.ticket
    match id = payload.ticket.id?
}
"#;

/// A ticket is closed.
pub fn closed(id: &str, by: &str) -> Value {
    json!({ "kind": "closed", "ticket": { "id": id, "by": by } })
}
