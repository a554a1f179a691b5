//! Equality by key: two values of one type are the same exactly when they have the same key, so that a set of keys does
//! the work of comparing each with each.

use super::Value;

/// The key of a value; `None` for one that is the same as no value, itself included (NaN, a place in a document).
pub(crate) fn key(value: &Value) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    write(value, &mut key).then_some(key)
}

fn write(value: &Value, key: &mut Vec<u8>) -> bool {
    match value {
        Value::None => key.push(0),
        Value::Bool(b) => key.push(if *b { 2 } else { 1 }),
        Value::Int(n) => put(key, 3, &n.to_le_bytes()),
        Value::Float(x) if x.is_nan() => return false,
        // The two zeros are the same.
        Value::Float(x) => put(key, 4, &(if *x == 0.0 { 0.0 } else { *x }).to_bits().to_le_bytes()),
        Value::Str(text) => {
            put(key, 5, &text.len().to_le_bytes());
            key.extend_from_slice(text.as_bytes());
        }
        Value::Time(t) => put(key, 6, &t.as_nanosecond().to_le_bytes()),
        Value::Duration(d) => put(key, 7, &d.as_nanos().to_le_bytes()),
        Value::Size(n) => put(key, 8, &n.to_le_bytes()),
        Value::Ip(std::net::IpAddr::V4(ip)) => put(key, 9, &ip.octets()),
        Value::Ip(std::net::IpAddr::V6(ip)) => put(key, 10, &ip.octets()),
        Value::Cidr(net) => {
            key.extend_from_slice(&[11, net.prefix_len()]);
            return write(&Value::Ip(net.addr()), key);
        }
        Value::Enum(tag) => put(key, 12, &tag.to_le_bytes()),
        Value::List(items) | Value::Record(items) => {
            put(key, 13, &items.len().to_le_bytes());
            return items.iter().all(|item| write(item, key));
        }
        Value::Bytes(bytes) => {
            put(key, 14, &bytes.len().to_le_bytes());
            key.extend_from_slice(bytes);
        }
        Value::Date(date) => {
            put(key, 15, &date.year().to_le_bytes());
            key.extend_from_slice(&date.month().to_le_bytes());
            key.extend_from_slice(&date.day().to_le_bytes());
        }
        Value::Version(version) => {
            let normal = version.normal();
            put(key, 16, &normal.len().to_le_bytes());
            key.extend_from_slice(normal.as_bytes());
        }
        // The same whatever the order is.
        Value::Map(map) => {
            let mut entries = Vec::with_capacity(map.len());
            for (of, value) in map.iter() {
                let mut entry = Vec::new();
                if !write(of, &mut entry) || !write(value, &mut entry) {
                    return false;
                }
                entries.push(entry);
            }
            entries.sort_unstable();
            put(key, 17, &entries.len().to_le_bytes());
            for entry in entries {
                key.extend_from_slice(&entry.len().to_le_bytes());
                key.extend_from_slice(&entry);
            }
        }
        Value::Json(_) => return false,
    }
    true
}

fn put(key: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    key.push(tag);
    key.extend_from_slice(bytes);
}
