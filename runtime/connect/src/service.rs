//! A request to a running service of ours, by whoever has its token.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::secret::Secret;
use crate::transport::client;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The largest answer, in bytes.
const MOST: usize = 4 << 20;

/// Sends something to the service at `base`, and gives status and body of its answer. The token goes only to that host, and no
/// redirect is followed.
///
/// # Errors
/// When the address is none, nobody answers, or not in JSON.
pub async fn tell(base: &str, path: &[&str], token: &Secret, body: Vec<u8>) -> Result<(u16, Value), String> {
    let mut url = Url::parse(base).map_err(|e| format!("`{base}` is no address: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{base}` begins neither with http:// nor with https://"));
    }
    url.path_segments_mut().map_err(|()| format!("`{base}` is no address"))?.pop_if_empty().extend(path);
    let client = client().timeout(PATIENCE).build().map_err(|e| e.to_string())?;
    let request = client.post(url).bearer_auth(token.expose()).body(body);
    let mut answer =
        request.send().await.map_err(|e| format!("{base} does not answer: {}", e.without_url()))?;
    let status = answer.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|e| format!("{base} broke off: {}", e.without_url()))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST {
            return Err(format!("{base} answers more than {MOST} bytes: this is not our service"));
        }
    }
    let value =
        serde_json::from_slice(&bytes).map_err(|_| format!("{base} answers {status}, but not in JSON"))?;
    Ok((status, value))
}
