//! Requests to places that tenants name. They are kept away from the hub's own systems: names are looked up here, and only
//! public addresses are gone to, at the moment of connecting, so that a name can't first mean one thing and then another.

mod names;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use confab_domain::address::is_public;
use reqwest::ClientBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::{Host, Url};

/// Looks names up, and leaves out addresses that are not public unless they are allowed.
#[derive(Debug, Clone, Copy)]
struct Resolver {
    private_too: bool,
}

/// A client that follows nothing and goes through nothing, and only to public addresses unless `private_too`.
pub fn client(private_too: bool) -> ClientBuilder {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("Confab/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(Resolver { private_too }))
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private_too = self.private_too;
        Box::pin(async move {
            let mut addresses = names::look_up(name.as_str()).await?;
            addresses.retain(|address| private_too || is_public(*address));
            if addresses.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// Whether the host of a URL may be gone to, as far as it can be told without looking its name up. Addresses that stand in it
/// are never looked up.
pub fn is_open(url: &Url, private_too: bool) -> bool {
    match url.host() {
        None => false,
        Some(_) if private_too => true,
        Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => !name.eq_ignore_ascii_case("localhost"),
    }
}

/// The same of a URL that may be anything, of the web or not.
pub fn is_allowed(url: &str, private_too: bool) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && is_open(&url, private_too))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_of_this_machine_lead_nowhere() {
        let name = || "localhost".parse().expect("a name");
        assert!(Resolver { private_too: false }.resolve(name()).await.is_err());
        assert!(Resolver { private_too: true }.resolve(name()).await.is_ok());
    }

    #[test]
    fn addresses_in_urls_are_looked_at_however_they_are_written() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest/meta-data",
            "http://localhost/",
            "ftp://example.org/",
            "nonsense",
        ] {
            assert!(!is_allowed(url, false), "{url}");
        }
        assert!(is_allowed("https://hooks.example.org/x", false) && is_allowed("http://1.1.1.1/", false));
        assert!(is_allowed("http://127.0.0.1:1234/", true) && !is_allowed("file:///etc/passwd", true));
    }
}
