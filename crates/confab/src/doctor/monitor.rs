//! What only monitoring pages and metrics tell: how NATS syncs, its clock, the projector's lag.

use confab_client::HttpClient;
use confab_config::Config;
use confab_domain::Clock;
use confab_telemetry::metrics::PROJECTOR_LAG;
use jiff::Timestamp;
use serde::Deserialize;

use super::finding::causes;
use super::{Finding, Sources};

/// Tokens and timers go wrong when clocks differ by more than this.
const CLOCK_LIMIT_MS: u64 = 2000;
/// The projector is behind when it is this far back.
const LAG_LIMIT: f64 = 10_000.0;

/// The part of `/varz` that is looked at.
#[derive(Debug, Deserialize)]
struct Varz {
    now: Timestamp,
    #[serde(default)]
    jetstream: JetStream,
}

#[derive(Debug, Default, Deserialize)]
struct JetStream {
    #[serde(default)]
    config: JetStreamConfig,
}

#[derive(Debug, Default, Deserialize)]
struct JetStreamConfig {
    #[serde(default)]
    sync_always: bool,
}

pub(super) async fn nats(config: &Config, sources: &Sources) -> Vec<Finding> {
    if sources.started_nats {
        return vec![Finding::ok("sync", "`confab all` starts NATS with sync_interval: always")];
    }
    if config.nats.url.is_empty() {
        return Vec::new();
    }
    let Some(monitor) = &sources.nats_monitor else {
        return vec![Finding::skip(
            "sync and clock",
            "a client can't see how NATS syncs its disk",
            "see that it has sync_interval: always, as in nats/single.conf; --nats-monitor http://host:8222 looks for you",
        )];
    };
    let varz = async { HttpClient::new(monitor)?.get::<Varz>("/varz", &[]).await };
    match varz.await {
        Ok(varz) => vec![sync(&varz), clock(&varz, Clock::system().now())],
        Err(error) => vec![Finding::fail(
            "sync and clock",
            causes(&error),
            "give the address of NATS's monitoring pages (http_port) to --nats-monitor",
        )],
    }
}

fn sync(varz: &Varz) -> Finding {
    if varz.jetstream.config.sync_always {
        return Finding::ok("sync", "every write is on the disk before it is acknowledged");
    }
    Finding::warn(
        "sync",
        "writes are acknowledged before they are on the disk: a power cut may lose the last of them",
        "set sync_interval: always, as in nats/single.conf, unless you accept that",
    )
}

fn clock(varz: &Varz, now: u64) -> Finding {
    let theirs = u64::try_from(varz.now.as_millisecond()).unwrap_or_default();
    let difference = theirs.abs_diff(now);
    if difference <= CLOCK_LIMIT_MS {
        return Finding::ok("clock", format!("differs from NATS's by {difference} ms"));
    }
    Finding::warn(
        "clock",
        format!("differs from NATS's by {difference} ms"),
        "synchronise both with the same time servers: tokens and timers depend on it",
    )
}

pub(super) async fn projector_lag(config: &Config, sources: &Sources, hub_runs: bool) -> Finding {
    let what = "projector";
    let url = match &sources.worker_metrics {
        Some(url) => url.clone(),
        None if hub_runs => config.server.url_at(config.server.listen),
        None => {
            return Finding::skip(
                what,
                "no worker's metrics can be read here",
                "start workers with --metrics-listen and give the address to --worker-metrics",
            );
        }
    };
    let text = async { HttpClient::new(&url)?.text("/metrics").await };
    match text.await {
        Ok(text) => match lag(&text) {
            Some(lag) if lag > LAG_LIMIT => Finding::warn(
                what,
                format!("{lag:.0} entries of the log are not in the database yet"),
                "see whether the database keeps up, and start more workers",
            ),
            Some(lag) => {
                Finding::ok(what, format!("{lag:.0} entries of the log are not in the database yet"))
            }
            None => Finding::skip(
                what,
                format!("no worker runs at {url}"),
                "start workers with --metrics-listen and give the address to --worker-metrics",
            ),
        },
        Err(error) => Finding::fail(what, causes(&error), "give the base URL of a worker's metrics"),
    }
}

/// The lag of all shards in Prometheus' text; `None` when it is not told.
fn lag(text: &str) -> Option<f64> {
    text.lines()
        .filter(|line| line.starts_with(PROJECTOR_LAG))
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
        .reduce(|sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn the_lag_is_that_of_all_shards() {
        let text = "# TYPE confab_projector_lag_entries gauge\n\
                    confab_projector_lag_entries{shard=\"0\"} 4\nconfab_projector_lag_entries{shard=\"1\"} 38\n";
        assert_eq!(lag(text), Some(42.0));
        assert_eq!(lag("confab_connections 3\n"), None);
    }

    #[test]
    fn what_nats_says_is_judged() {
        let varz: Varz = serde_json::from_str(
            r#"{"now":"2026-01-01T00:00:05Z","jetstream":{"config":{"sync_interval":1,"sync_always":true}}}"#,
        )
        .expect("varz");
        assert_eq!(sync(&varz).level, Level::Ok);
        let at = u64::try_from(varz.now.as_millisecond()).expect("a time");
        assert_eq!(clock(&varz, at + 100).level, Level::Ok);
        assert_eq!(clock(&varz, at - 60_000).level, Level::Warn);
        let varz: Varz = serde_json::from_str(r#"{"now":"2026-01-01T00:00:05Z"}"#).expect("varz");
        assert_eq!(sync(&varz).level, Level::Warn);
    }
}
