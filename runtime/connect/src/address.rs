//! From a connector's base address and a computed path to a URL. Data can change the path below the base, and nothing else.

use url::Url;

/// Checks a `base_url`: `http` or `https`, a host, no user, no query.
///
/// # Errors
/// What is wrong with it, without the parts that may be secret.
pub(crate) fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("is not a URL: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "begins with `{}:`; write an address that begins with http:// or https://",
            url.scheme()
        ));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("has no host".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "holds a user or a password; a connector sends these by its `auth`, from settings of their own"
                .into(),
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("ends in a query or a fragment; write it up to its path".into());
    }
    Ok(url)
}

/// The URL of a request. `path` is already percent-encoded, `query` is not.
///
/// # Errors
/// Why the path is refused. It is not repeated: it may be long, and comes from outside.
pub(crate) fn join(base: &Url, path: &str, query: &[(String, String)]) -> Result<Url, String> {
    check(path)?;
    let mut url = base.clone();
    let prefix = base.path().trim_end_matches('/');
    let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    url.set_path(&format!("{prefix}{slash}{path}"));
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

fn check(path: &str) -> Result<(), String> {
    if let Some(bad) = path.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '?' | '#' | '\\')) {
        return Err(format!("the path holds {}, which must be percent-encoded", bad.escape_default()));
    }
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    if segments.iter().any(|s| is_dots(s)) {
        return Err("a segment of the path is `.` or `..`".into());
    }
    // `/users//suspend` for an empty id would be another address than the one that was meant.
    let inner = segments.split_last().map_or(&[][..], |(_, inner)| inner);
    if inner.iter().any(|s| s.is_empty()) {
        return Err("a segment of the path is empty".into());
    }
    Ok(())
}

/// `.` and `..`, encoded or not: URL parsers treat `%2e` as a dot.
fn is_dots(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn joined(base: &str, path: &str, query: &[(&str, &str)]) -> Result<String, String> {
        let query: Vec<_> = query.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        join(&base_url(base).unwrap(), path, &query).map(String::from)
    }

    #[test]
    fn the_path_goes_below_the_base() {
        assert_eq!(joined("http://h:1/okta", "/users/x", &[]).unwrap(), "http://h:1/okta/users/x");
        assert_eq!(joined("http://h:1/okta/", "/users/", &[]).unwrap(), "http://h:1/okta/users/");
        assert_eq!(joined("https://h", "users", &[]).unwrap(), "https://h/users");
        assert_eq!(joined("https://h", "", &[]).unwrap(), "https://h/");
        assert_eq!(joined("https://h", "/a%2Fb%20c", &[]).unwrap(), "https://h/a%2Fb%20c");
        assert_eq!(
            joined("https://h", "/a", &[("q", "x&y=z #"), ("q", "ü")]).unwrap(),
            "https://h/a?q=x%26y%3Dz+%23&q=%C3%BC"
        );
    }

    #[test]
    fn a_path_that_leaves_its_place_is_refused() {
        for path in [
            "/users/..",
            "/users/../admins",
            "/%2e%2E/x",
            "/./x",
            "//evil/x",
            "/users//suspend",
            "/a?b",
            "/a#b",
            "/a\\b",
            "/a b",
            "/a\r\nb",
            "/ü",
        ] {
            assert!(joined("http://h", path, &[]).is_err(), "{path}");
        }
    }

    #[test]
    fn a_base_address_is_plain() {
        for base in [
            "h",
            "ftp://h",
            "http://",
            "http://u@h",
            "http://u:s3cret@h",
            "http://h?x=1",
            "http://h#x",
            "file:///etc",
        ] {
            let why = base_url(base).unwrap_err();
            assert!(!why.contains("s3cret"), "{why}");
        }
    }

    proptest! {
        #[test]
        fn data_never_changes_the_host(path in "\\PC{0,30}", key in "\\PC{0,8}", value in "\\PC{0,8}") {
            let base = base_url("https://one.example:8443/api").unwrap();
            if let Ok(url) = join(&base, &path, &[(key, value)]) {
                prop_assert_eq!((url.scheme(), url.host_str(), url.port()), ("https", Some("one.example"), Some(8443)));
                prop_assert!(url.path().starts_with("/api"));
                prop_assert!(url.fragment().is_none() && url.username().is_empty());
            }
        }
    }
}
