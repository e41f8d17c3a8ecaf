//! NATS: whether it answers, is new enough, has JetStream on, and keeps the streams that are configured.

use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_bus::Bus;
use confab_config::Config;
use confab_protocol::{Channel, TenantId};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Finding;
use super::finding::causes;
use crate::nats_process::{MINIMUM, Version};
use crate::wiring;

const PATIENCE: Duration = Duration::from_secs(5);
const DEFAULT_PORT: u16 = 4222;
/// A queue longer than this has workers that don't keep up, or none.
const LONG_QUEUE: u64 = 1000;
/// Slower answers make every message slow.
const SLOW: Duration = Duration::from_millis(50);

/// What a server says of itself when a client connects.
#[derive(Debug, Deserialize)]
struct Info {
    version: String,
    #[serde(default)]
    jetstream: bool,
    #[serde(default)]
    server_name: String,
}

pub(super) async fn greetings(config: &Config) -> Vec<Finding> {
    if config.nats.url.is_empty() {
        return vec![Finding::skip(
            "NATS",
            "no server is configured and none was started here",
            "set nats.url, or run `confab all`, which starts one; a running one is found by its --data",
        )];
    }
    let mut findings = Vec::new();
    for url in config.nats.url.split(',').map(str::trim) {
        findings.push(greeting(url).await);
    }
    findings
}

async fn greeting(url: &str) -> Finding {
    let what = "NATS";
    let Some(address) = address_of(url) else {
        return Finding::skip(
            what,
            format!("{url} is not asked directly"),
            "see whether the connection stands",
        );
    };
    match timeout(PATIENCE, info(&address)).await {
        Ok(Ok(info)) => judge(url, &info),
        Ok(Err(error)) => {
            Finding::fail(what, format!("{url} does not answer: {error:#}"), "start it, or correct nats.url")
        }
        Err(_) => {
            Finding::fail(what, format!("{url} does not answer in time"), "look at its log and its load")
        }
    }
}

fn judge(url: &str, info: &Info) -> Finding {
    let what = "NATS";
    let Info { version, server_name, .. } = info;
    if Version::parse(version).is_none_or(|version| version < MINIMUM) {
        return Finding::fail(
            what,
            format!("{url} is version {version}, {MINIMUM} is needed"),
            "replace it by a newer nats-server; streams are kept",
        );
    }
    if !info.jetstream {
        return Finding::fail(
            what,
            format!("{url} ({server_name} {version}) has JetStream off"),
            "add a jetstream block to its configuration; nats/single.conf is an example",
        );
    }
    Finding::ok(what, format!("{url} is {server_name}, version {version}, with JetStream"))
}

async fn info(address: &str) -> Result<Info> {
    let stream = TcpStream::connect(address).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    let text = line.strip_prefix("INFO ").context("that is no NATS server")?;
    serde_json::from_str(text).context("its greeting can't be read")
}

/// Host and port of a plain URL; others need more than a TCP connection.
fn address_of(url: &str) -> Option<String> {
    let rest = url.strip_prefix("nats://").or_else(|| url.strip_prefix("tls://"))?;
    let authority = rest.split(['/', '?']).next()?;
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Some(if has_port { authority.to_owned() } else { format!("{authority}:{DEFAULT_PORT}") })
}

pub(super) async fn streams(config: &Config) -> Vec<Finding> {
    if config.nats.url.is_empty() {
        return Vec::new();
    }
    let bus = match Bus::connect(wiring::bus_settings(config, "doctor")).await {
        Ok(bus) => bus,
        Err(error) => {
            let remedy =
                "compare nats.user, nats.password and nats.credentials_file with the server's accounts";
            return vec![Finding::fail("NATS connection", causes(&error), remedy)];
        }
    };
    let mut findings = vec![connection(&bus).await];
    findings.extend(log(config, &bus).await);
    findings.extend(queues(&bus).await);
    findings
}

async fn connection(bus: &Bus) -> Finding {
    match bus.rtt().await {
        Ok(time) if time > SLOW => Finding::warn(
            "NATS connection",
            format!("stands; there and back takes {} ms", time.as_millis()),
            "bring hub and NATS nearer to each other, or look at the load of both",
        ),
        Ok(time) => {
            Finding::ok("NATS connection", format!("stands; there and back takes {} µs", time.as_micros()))
        }
        Err(error) => Finding::fail(
            "NATS connection",
            causes(&error),
            "look at the server's log and at its permissions",
        ),
    }
}

/// Whether every shard of the log exists, and the feeds too.
async fn log(config: &Config, bus: &Bus) -> Vec<Finding> {
    let what = "streams";
    let remedy = "run `confab migrate`, and look at the log of JetStream if that fails";
    let plan = match bus.shard_plan().await {
        Ok(plan) => plan,
        Err(error) => return vec![Finding::fail(what, causes(&error), remedy)],
    };
    for shard in 0..plan.count() {
        if let Err(error) = bus.log().reach(shard).await {
            return vec![Finding::fail(what, format!("shard {shard}: {}", causes(&error)), remedy)];
        }
    }
    let feeds = TenantId::parse("doctor").ok().map(Channel::DeskFeed);
    if let Some(feeds) = feeds
        && let Err(error) = bus.log().epoch(&feeds).await
    {
        return vec![Finding::fail(what, format!("the feeds: {}", causes(&error)), remedy)];
    }
    let (shards, configured) = (plan.count(), config.nats.shards);
    let found = format!("{shards} log shards and the feeds are there");
    if configured > shards {
        let told = format!("{found}; nats.shards = {configured} counts only when a log is made");
        return vec![Finding::warn(what, told, "raise their number with `confab shards raise`")];
    }
    vec![Finding::ok(what, found)]
}

async fn queues(bus: &Bus) -> Vec<Finding> {
    let migrate = "run `confab migrate`";
    let dead = match bus.dead_letters().count().await {
        Ok(0) => Finding::ok("dead letters", "none"),
        Ok(count) => Finding::warn(
            "dead letters",
            format!("{count} commands could not be carried out"),
            "look at them with `confab dead-letters list`, then replay or drop them",
        ),
        Err(error) => Finding::fail("dead letters", causes(&error), migrate),
    };
    let work = match bus.work().pending().await {
        Ok(count) if count > LONG_QUEUE => Finding::warn(
            "work queue",
            format!("{count} commands wait"),
            "start more workers, or see in their logs what keeps them",
        ),
        Ok(count) => Finding::ok("work queue", format!("{count} commands wait")),
        Err(error) => Finding::fail("work queue", causes(&error), migrate),
    };
    vec![dead, work]
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("nats://one:4300", Some("one:4300"))]
    #[case("nats://one", Some("one:4222"))]
    #[case("tls://[::1]:4222", Some("[::1]:4222"))]
    #[case("ws://one:80", None)]
    fn where_a_server_is_greeted(#[case] url: &str, #[case] address: Option<&str>) {
        assert_eq!(address_of(url).as_deref(), address);
    }

    #[rstest]
    #[case("2.15.1", true, Level::Ok)]
    #[case("2.9.25", true, Level::Fail)]
    #[case("2.15.1", false, Level::Fail)]
    #[case("strange", true, Level::Fail)]
    fn a_server_is_judged_by_its_greeting(
        #[case] version: &str,
        #[case] jetstream: bool,
        #[case] level: Level,
    ) {
        let info = Info { version: version.into(), jetstream, server_name: "one".into() };
        assert_eq!(judge("nats://one", &info).level, level);
    }
}
