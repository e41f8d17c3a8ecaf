//! Reads small documents of identity providers. Tenants name the places, so only public addresses are gone to unless the
//! operator allows others, by the addresses that were looked at and no others; nothing is followed elsewhere.

use std::time::Duration;

use url::Url;

/// Longest time for one document, from the name's look-up to its last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Largest document, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// The document at this place; the error says in words what was wrong.
pub(super) async fn fetch(place: &str, private_too: bool) -> Result<Vec<u8>, String> {
    tokio::time::timeout(TIMEOUT, read(place, private_too))
        .await
        .map_err(|_| "no answer in time".to_owned())?
}

/// Whether a place may be gone to, as far as it can be told without looking its name up.
pub(crate) fn check(place: &str, private_too: bool) -> Result<Url, String> {
    let url = Url::parse(place).map_err(|_| "not a URL".to_owned())?;
    if url.scheme() != "https" && !(private_too && url.scheme() == "http") {
        return Err("not https".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a user name or password stands in it".to_owned());
    }
    if confab_outward::is_open(&url, private_too) {
        Ok(url)
    } else {
        Err("it leads to an address that is not public".to_owned())
    }
}

async fn read(place: &str, private_too: bool) -> Result<Vec<u8>, String> {
    let url = check(place, private_too)?;
    let client = confab_outward::client(private_too).timeout(TIMEOUT).build();
    let client = client.map_err(|error| error.to_string())?;
    let mut response = client.get(url).send().await.map_err(|error| cause(&error))?;
    if !response.status().is_success() {
        return Err(format!("it answered {}", response.status().as_u16()));
    }
    let mut document = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| cause(&error))? {
        if document.len() + part.len() > MAX_BYTES {
            return Err(format!("it is larger than {MAX_BYTES} bytes"));
        }
        document.extend_from_slice(&part);
    }
    Ok(document)
}

/// The library's own sentence names the URL; what lies behind says what was wrong.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_places_are_gone_to() {
        for place in [
            "http://id.example.org/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://169.254.169.254/latest",
            "https://user:pass@id.example.org/",
            "file:///etc/passwd",
            "nonsense",
        ] {
            assert!(check(place, false).is_err(), "{place}");
        }
        assert!(check("https://id.example.org/realms/x", false).is_ok());
        assert!(check("http://127.0.0.1:8080/", true).is_ok() && check("file:///etc/passwd", true).is_err());
    }

    #[tokio::test]
    async fn a_name_of_this_machine_leads_nowhere() {
        assert!(fetch("https://localhost.localdomain:1/", false).await.is_err());
    }
}
