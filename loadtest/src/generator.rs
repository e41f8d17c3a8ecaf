//! One generator of perhaps several that load the same hub at the same time: when it begins, where its clients connect
//! from, and whether what it saw is kept so that it can be added to what the others saw.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use confab_domain::Clock;
use jiff::Timestamp;

use crate::faults::FaultSpec;
use crate::sources::{self, Sources};

/// How far ahead a common start may lie.
const PATIENCE: Duration = Duration::from_hours(1);
/// Stamps begin so long before the common start, in milliseconds.
const BEFORE_START: i64 = 3_600_000;

/// Arguments that make a run one of several, or one with many connections.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Generator {
    /// When measuring begins, as 2026-01-31T12:00:00Z: give all generators the same moment, late enough for them to get
    /// ready. What was seen is then kept in the result, to be merged.
    #[arg(long, value_name = "TIME")]
    pub(crate) start_at: Option<Timestamp>,
    /// Addresses of this machine that clients take turns to connect from, as 127.0.0.1-127.0.0.8; several times for
    /// several. Each has some 28,000 ports for each edge.
    #[arg(long, value_name = "ADDRESSES")]
    source_addresses: Vec<Sources>,
    /// A fault beside those of the scenario, as kill:edge-1@5s+3s or cut:edge-1:nats@5s+3s; several times for several.
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<FaultSpec>,
}

impl Generator {
    /// Addresses to connect from; none means any.
    pub(crate) fn sources(&self) -> Result<Vec<IpAddr>> {
        let addresses = Sources::joined(&self.source_addresses);
        sources::check(&addresses)?;
        Ok(addresses)
    }

    /// The moment that stamps in messages count from: one that all generators have in common, as exactly as their clocks
    /// agree, so that each can measure what another has sent.
    pub(crate) fn stamps_begin(&self) -> Instant {
        let now = Instant::now();
        let passed = self.until_start().and_then(|until| u64::try_from(BEFORE_START - until).ok());
        passed.and_then(|passed| now.checked_sub(Duration::from_millis(passed))).unwrap_or(now)
    }

    /// Whether what was seen is kept.
    pub(crate) fn is_one_of_several(&self) -> bool {
        self.start_at.is_some()
    }

    /// How long it is until the common start; what has passed already is negative.
    pub(crate) fn until_start(&self) -> Option<i64> {
        let now = i64::try_from(Clock::system().now()).unwrap_or(i64::MAX);
        self.start_at.map(|start| start.as_millisecond() - now)
    }

    /// Waits for the common start.
    pub(crate) async fn await_start(&self) -> Result<()> {
        let Some(until) = self.until_start() else { return Ok(()) };
        let Ok(until) = u64::try_from(until).map(Duration::from_millis) else {
            bail!(
                "the common start passed {:.1} s before this generator was ready: choose a later --start-at for all",
                Duration::from_millis(until.unsigned_abs()).as_secs_f64()
            );
        };
        if until > PATIENCE {
            bail!("the common start lies more than an hour ahead: is --start-at in UTC?");
        }
        eprintln!("ready; measuring begins in {:.1} s", until.as_secs_f64());
        tokio::time::sleep(until).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starting_in(milliseconds: i64) -> Generator {
        let now = i64::try_from(Clock::system().now()).expect("a time of today");
        let start = Timestamp::from_millisecond(now + milliseconds).expect("a time of today");
        Generator { start_at: Some(start), ..Generator::default() }
    }

    #[tokio::test]
    async fn a_start_is_waited_for_unless_it_has_passed() {
        let begun = tokio::time::Instant::now();
        starting_in(200).await_start().await.expect("it is waited for");
        assert!(begun.elapsed() >= Duration::from_millis(150));
        let late = starting_in(-5000).await_start().await.expect_err("it has passed");
        assert!(late.to_string().contains("later --start-at"), "{late}");
        assert!(starting_in(7_200_000).await_start().await.is_err());
        Generator::default().await_start().await.expect("nothing to wait for");
    }
}
