//! `playc trace would`

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::Format;
use crate::place::Place;

/// `playc trace would`
#[derive(Args, Debug)]
pub struct TraceWouldArgs {
    /// Only the runs of this playbook
    #[arg(long, value_name = "NAME")]
    pub playbook: Option<String>,
    /// Only runs that were opened then or later: 2026-11-20, or 2026-11-20T08:00:00Z. A day begins in UTC
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Timestamp>,
    /// Only runs that were opened before that
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let day = text.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    day.as_ref().map(Zoned::timestamp).ok_or_else(|| "write 2026-11-20 or 2026-11-20T08:00:00Z".into())
}
