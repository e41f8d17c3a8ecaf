//! What reports cost those who chat: people write at a steady rate, and in every second stretch of time somebody asks for
//! reports over very many rows. Both are measured in one run and in turn, so that nothing but the reports differs.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_client::HttpClient;
use confab_domain::Clock;
use confab_domain::report::{Kind, Tally};
use confab_protocol::api::ReportResponse;
use confab_protocol::{ConversationId, Role, UserId};
use confab_testhub::people::{FigureRow, Tenant, stranger};
use hdrhistogram::Histogram;
use serde::Deserialize;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::{Bench, Stage, WARM_UP, parameters, steady};
use crate::measurements::count;
use crate::result::{RunResult, milliseconds};
use crate::rooms::{self, Room};
use crate::voices::Phase;

const HOUR_MS: u64 = 3_600_000;
/// Hours that the rows are of: a year, the longest that a report is about.
const HOURS: u64 = 360 * 24;
const CATEGORIES: [&str; 6] = ["PAYMENT", "SHIPPING", "ACCOUNT", "RETURNS", "TECHNICAL", "OTHER"];
/// Rows put into the database at a time.
const BATCH: usize = 2000;
/// Seconds at the beginning of a stretch that count for neither: reports of the stretch before may still be made.
const BETWEEN: u64 = 2;
/// What is asked for, in turn.
const BY: [&str; 4] = ["hour", "day", "agent", "category"];

/// Reports while people write.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reports {
    /// Rows of figures that there are, all of which a report reads.
    rows: u64,
    /// Conversations, each of a customer and an agent.
    rooms: usize,
    /// Messages per second, over all rooms.
    rate: u32,
    /// Reports per minute, in the stretches that have any.
    per_minute: u32,
    /// Length of a stretch, more than two seconds.
    stretch_seconds: u64,
    /// How many stretches without reports, and as many with.
    stretches: u32,
}

impl Reports {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        anyhow::ensure!(self.stretch_seconds > BETWEEN, "stretch_seconds has to be more than {BETWEEN}");
        let stage = bench.prepare(&steady::staffing(self.rooms), 2 * self.rooms).await?;
        let tenant = stage.system.store()?;
        self.fill(&tenant).await?;
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let people = Arc::new(rooms::enter(&stage.system, &stage.voices, &rooms).await?);
        eprintln!("{} rows are stored, {} rooms are open", self.rows, rooms.len());
        stage.pace(&people, vec![Phase { rate: self.rate, time: WARM_UP }]).await?;
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        let time = self.stretch() * 2 * self.stretches;
        let boss = stranger(&tenant.id, "Boss", Role::Supervisor);
        let boss = stage.system.http(0)?.with_token(&boss.token);
        let paced = stage.pace(&people, vec![Phase { rate: self.rate, time }]);
        let (paced, failed) = futures::future::join(paced, self.ask(boss, &stage)).await;
        paced?;
        let failed = failed?;
        watch.end(&mut result).await?;
        stage.settle(1).await;
        let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
        let measurements = Arc::clone(&stage.measurements);
        stage.conclude(&people, &conversations, &mut result).await?;
        result.counts.insert("reports".to_owned(), measurements.samples("report"));
        result.counts.insert("reports_failed".to_owned(), failed);
        let quiet = measurements.delivered_in(|second| self.kind_of(second) == Some(false));
        let busy = measurements.delivered_in(|second| self.kind_of(second) == Some(true));
        compare(&quiet, &busy, &mut result);
        parameters!(result, self, rows, rooms, rate, per_minute, stretch_seconds, stretches);
        Ok(result)
    }

    fn stretch(&self) -> Duration {
        Duration::from_secs(self.stretch_seconds)
    }

    /// Whether reports are asked for in a second; nothing of one that lies between.
    fn kind_of(&self, second: u64) -> Option<bool> {
        let is_measured = second % self.stretch_seconds >= BETWEEN;
        let stretch = second / self.stretch_seconds;
        (is_measured && stretch < 2 * u64::from(self.stretches)).then_some(stretch % 2 == 1)
    }

    /// Puts rows into the database, of every hour of a year, with as many agents as that takes.
    async fn fill(&self, tenant: &Tenant) -> Result<()> {
        let hour = Clock::system().now() / HOUR_MS;
        let mut tally = Tally::default();
        for (kind, value) in
            [(Kind::Started, 0), (Kind::Assigned, 9000), (Kind::Closed, 600_000), (Kind::Rated, 4)]
        {
            tally.add(kind, value);
        }
        let row = |number: u64| -> Result<FigureRow> {
            let (back, rest) = (number % HOURS, number / HOURS);
            let category = CATEGORIES[usize::try_from(rest % 6)?].to_owned();
            let agent = Some(UserId::parse(format!("agent-{}", rest / 6))?);
            Ok(FigureRow { hour: hour - back, agent, category, tally: tally.clone() })
        };
        let rows: Vec<FigureRow> = (0..self.rows).map(row).collect::<Result<_>>()?;
        for batch in rows.chunks(BATCH) {
            tenant.store.add_figures(batch).await.context("the rows can't be stored")?;
        }
        Ok(())
    }

    /// Asks at the rate in every second stretch, whatever becomes of it; times count from when a report was due. How many
    /// failed.
    async fn ask(&self, boss: HttpClient, stage: &Stage<'_>) -> Result<u64> {
        let began = Instant::now();
        let step = Duration::from_mins(1) / self.per_minute.max(1);
        let tasks = TaskTracker::new();
        let failed = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let from = Clock::system().now().saturating_sub(HOURS * HOUR_MS);
        let mut number = 0;
        for stretch in 0..self.stretches {
            let start = began + self.stretch() * (2 * stretch + 1);
            let mut due = start;
            while due < start + self.stretch() {
                tokio::time::sleep_until(due).await;
                let format = if number % 2 == 0 { "json" } else { "csv" };
                let by = BY[number / 2 % BY.len()];
                let path = format!("/api/admin/support/reports?by={by}&from={from}&format={format}");
                let (boss, measurements) = (boss.clone(), Arc::clone(&stage.measurements));
                let failed = Arc::clone(&failed);
                tasks.spawn(async move {
                    match read(&boss, &path, format).await {
                        Ok(()) => measurements.record("report", measurements.stamp(due.into_std())),
                        Err(error) => {
                            count(&failed);
                            eprintln!("a report can't be had: {error:#}");
                        }
                    }
                });
                number += 1;
                due += step;
            }
        }
        tasks.close();
        tasks.wait().await;
        Ok(failed.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// Reads a report to its end; one without rows is none.
async fn read(boss: &HttpClient, path: &str, format: &str) -> Result<()> {
    let rows = if format == "csv" {
        boss.text(path).await?.lines().count().saturating_sub(1)
    } else {
        boss.get::<ReportResponse>(path, &[]).await?.rows.len()
    };
    anyhow::ensure!(rows > 0, "it is empty");
    Ok(())
}

/// Deliveries without and with reports, and how the one stands to the other.
fn compare(quiet: &Histogram<u64>, busy: &Histogram<u64>, result: &mut RunResult) {
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let (without, with) = (quiet.value_at_quantile(share), busy.value_at_quantile(share));
        result.figures.insert(format!("without_{name}_ms"), milliseconds(without));
        result.figures.insert(format!("with_{name}_ms"), milliseconds(with));
        if without > 0 && !busy.is_empty() {
            result.figures.insert(format!("{name}_ratio"), milliseconds(with) / milliseconds(without));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_take_turns_and_what_lies_between_counts_for_neither() {
        let reports = Reports { rows: 1, rooms: 1, rate: 1, per_minute: 1, stretch_seconds: 5, stretches: 2 };
        let kinds: Vec<Option<bool>> = (0..22).map(|second| reports.kind_of(second)).collect();
        let (off, on) = (
            [None, None, Some(false), Some(false), Some(false)],
            [None, None, Some(true), Some(true), Some(true)],
        );
        assert_eq!(kinds, [off, on, off, on].concat().into_iter().chain([None, None]).collect::<Vec<_>>());
    }

    #[test]
    fn a_ratio_is_of_both_in_one_run() {
        let of = |value| {
            let mut histogram = Histogram::new(3).expect("three digits");
            histogram.record(value).expect("recorded");
            histogram
        };
        let mut result = RunResult::default();
        compare(&of(1000), &of(1500), &mut result);
        assert!((result.figures["p99_ratio"] - 1.5).abs() < 0.01, "{:?}", result.figures);
        let mut nothing = RunResult::default();
        compare(&Histogram::new(3).expect("three digits"), &of(1), &mut nothing);
        assert!(!nothing.figures.contains_key("p99_ratio"));
    }
}
