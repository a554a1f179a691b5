//! Names that other languages have, and what Play has instead.

/// What to write for a value or a function of this name.
#[must_use]
pub fn value(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "None" | "undefined" | "NULL" => {
            "A value that may not be there is compared with `none`, or taken with `if let x = VALUE { … }`."
        }
        "True" | "TRUE" => "Write `true`.",
        "False" | "FALSE" => "Write `false`.",
        "now" | "today" | "timestamp" | "utcnow" => {
            "Time comes from what is recorded, so that a run can be decided again: `case.opened`, or a field of the case."
        }
        "print" | "println" | "log" | "echo" => "What is to be kept is a note: `note \"…\"`.",
        "range" => "A `for` goes over a list: `for x in LIST { … }`.",
        "sleep" => "Write `wait 5m`.",
        "str" => "Write it into text: `\"{x}\"`.",
        _ => return None,
    })
}

/// The value of the language that a name is elsewhere.
#[must_use]
pub fn constant(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "None" | "NULL" => "none",
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        _ => return None,
    })
}

/// The type that is called otherwise elsewhere.
#[must_use]
pub fn type_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "Integer" | "integer" | "int" | "i64" | "i32" | "u32" | "u64" | "Long" | "long" | "Number"
        | "number" => "Int",
        "Str" | "str" | "string" | "Text" | "text" => "String",
        "Boolean" | "boolean" | "bool" => "Bool",
        "Double" | "double" | "float" | "f64" | "Decimal" => "Float",
        "DateTime" | "Datetime" | "datetime" | "Timestamp" | "timestamp" | "Instant" => "Time",
        "Object" | "object" | "Any" | "any" | "JSON" | "json" => "Json",
        "IP" | "IpAddr" | "IPAddress" | "IpAddress" => "Ip",
        "Subnet" | "Network" | "CIDR" => "Cidr",
        "URL" | "Uri" | "URI" | "url" => "Url",
        "Timedelta" | "TimeDelta" | "Interval" => "Duration",
        _ => return None,
    })
}
