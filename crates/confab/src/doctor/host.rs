//! This machine and this configuration: the key, open files, the port.

use confab_client::HttpClient;
use confab_config::{Config, MIN_SIGNING_KEY_BYTES};
use confab_edge::check_certificate;
use nix::sys::resource::{Resource, getrlimit};
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use super::{Finding, Sources};
use crate::data_dir::DataDir;

/// Open files that a node needs besides its connections.
const SPARE_FILES: u64 = 256;

pub(super) fn signing_key(config: &Config, sources: &Sources) -> Finding {
    let what = "signing key";
    if let Some(key) = &config.auth.signing_key {
        let bytes = key.expose_secret().len();
        return Finding::ok(what, format!("set, {bytes} bytes of at least {MIN_SIGNING_KEY_BYTES}"));
    }
    let kept = DataDir::existing(&sources.data).and_then(|data| data.read_secret("signing.key"));
    match kept {
        Ok(Some(key)) if key.expose_secret().len() >= MIN_SIGNING_KEY_BYTES => {
            Finding::ok(what, format!("kept in {}", sources.data.display()))
        }
        Ok(Some(key)) => Finding::fail(
            what,
            format!(
                "the kept one has {} bytes, fewer than {MIN_SIGNING_KEY_BYTES}",
                key.expose_secret().len()
            ),
            format!(
                "remove {}/signing.key, and a new one is made; everybody logs in again",
                sources.data.display()
            ),
        ),
        _ if config.validate_for_separate_role().is_ok() || !config.store.is_embedded() => Finding::fail(
            what,
            "not set",
            "give every node the same auth.signing_key, for example one made by `openssl rand -base64 48`",
        ),
        _ => Finding::ok(what, "not set: `confab all` makes one at its first start"),
    }
}

pub(super) fn open_files(config: &Config) -> Finding {
    let what = "open files";
    let connections = u64::try_from(config.limits.max_connections).unwrap_or(u64::MAX);
    let needed = connections.saturating_add(SPARE_FILES);
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((_, hard)) if hard >= needed => {
            Finding::ok(what, format!("{hard} allowed, {needed} needed for limits.max_connections"))
        }
        Ok((_, hard)) => Finding::warn(
            what,
            format!("{hard} allowed, but limits.max_connections = {connections} needs {needed}"),
            "raise the hard limit (ulimit -Hn, LimitNOFILE of systemd) or lower limits.max_connections",
        ),
        Err(error) => {
            Finding::skip(what, error.to_string(), "compare `ulimit -Hn` with limits.max_connections")
        }
    }
}

pub(super) fn certificate(config: &Config) -> Finding {
    let what = "certificate";
    match check_certificate(&config.server) {
        Ok(true) => Finding::ok(what, "TLS of the hub's own can begin"),
        Ok(false) if config.server.is_encrypted() => {
            Finding::ok(what, "none: a proxy has to end TLS for server.public_url")
        }
        Ok(false) => Finding::ok(what, "none: server.public_url is not of https"),
        Err(error) => Finding::fail(
            what,
            error.to_string(),
            "give server.tls_certificate_file and server.tls_key_file what your authority issued, readable for this user",
        ),
    }
}

/// Whether a hub answers at the configured address, and what was found there.
pub(super) async fn listener(config: &Config) -> (bool, Finding) {
    let what = "listener";
    let address = config.server.listen;
    match TcpListener::bind(address).await {
        Ok(_) => (false, Finding::ok(what, format!("{address} is free; no hub runs there"))),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            hub(&config.server.url_at(address)).await
        }
        Err(error) => (
            false,
            Finding::fail(
                what,
                format!("can't listen on {address}: {error}"),
                "set server.listen to an address of this machine and a port you may use",
            ),
        ),
    }
}

async fn hub(url: &str) -> (bool, Finding) {
    let what = "listener";
    let live = match HttpClient::new(url) {
        Ok(http) => match http.text("/health/live").await {
            Ok(_) => Some(http.text("/health/ready").await),
            Err(_) => None,
        },
        Err(_) => None,
    };
    match live {
        Some(Ok(_)) => (true, Finding::ok(what, format!("a hub answers at {url} and is ready"))),
        Some(Err(error)) => (
            true,
            Finding::fail(
                what,
                format!("a hub answers at {url} and is not ready: {error}"),
                "see the findings about NATS and the database",
            ),
        ),
        None => (
            false,
            Finding::fail(
                what,
                format!("something that is no hub has the port of {url}"),
                "end it, or set server.listen to another port",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[tokio::test]
    async fn a_foreign_listener_is_told_from_a_hub() {
        let taken = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let mut config = Config::default();
        config.server.listen = taken.local_addr().expect("an address");
        drop(taken);
        let (running, finding) = listener(&config).await;
        assert!(!running && finding.level == Level::Ok, "{}", finding.line());
    }

    #[test]
    fn a_key_is_asked_for_where_nobody_makes_one() {
        let home = tempfile::tempdir().expect("a directory");
        let sources = Sources {
            data: home.path().join("none"),
            started_nats: false,
            nats_monitor: None,
            worker_metrics: None,
        };
        let mut config = Config::default();
        assert_eq!(signing_key(&config, &sources).level, Level::Ok);
        config.store.url = "ws://db:8000".into();
        assert_eq!(signing_key(&config, &sources).level, Level::Fail);
        config.auth.signing_key = Some("0123456789abcdef0123456789abcdef".to_owned().into());
        assert_eq!(signing_key(&config, &sources).level, Level::Ok);
    }
}
