//! From what the clients heard to a result: latencies from the time at which a message was due, counts, a timeline, and
//! the promises that were broken.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::result::{Distribution, RunResult, Second, milliseconds};

use super::check::{Violation, check};
use super::clients::Diary;
use super::plan::{Paced, Plan, SIDES};

/// Longest latency that is told apart from longer ones, in microseconds.
const LONGEST: u64 = 120_000_000;
/// From this lateness on, the generator's own clock is what is measured, in milliseconds at the 99th percentile.
const LATE: f64 = 2.0;
/// Share of all processors from which on this program is in the peer's way.
const OWN_SHARE: f64 = 0.4;

/// All there is to say about a run.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) plan: Plan,
    /// When the first message was due.
    pub(super) start: Instant,
    pub(super) paced: Paced,
    /// What each client heard.
    pub(super) heard: Vec<Diary>,
}

impl Evidence {
    /// Puts it into a result that has its processes already.
    pub(super) fn fill(&self, result: &mut RunResult) {
        let (mut delivery, mut ack, mut pace) = (histogram(), histogram(), histogram());
        let mut timeline: BTreeMap<u64, (u64, Histogram<u64>)> = BTreeMap::new();
        for number in (0..self.plan.total()).filter(|number| self.plan.counts(*number)) {
            self.second(&mut timeline, number).0 += 1;
        }
        let sent = timeline.values().map(|(sent, _)| sent).sum();
        let mut counts = BTreeMap::from([("sent", sent)]);
        for diary in &self.heard {
            let foreign =
                diary.messages.iter().filter(|(number, _)| self.plan.turn(*number).side != diary.side);
            for (number, at) in foreign.filter(|(number, _)| self.plan.counts(*number)) {
                let latency = self.latency(*number, *at);
                record(&mut delivery, latency);
                record(&mut self.second(&mut timeline, *number).1, latency);
            }
            for (number, at) in diary.acknowledged.iter().filter(|(number, _)| self.plan.counts(*number)) {
                record(&mut ack, self.latency(*number, *at));
            }
            let refused = diary.refused.iter().filter(|number| self.plan.counts(**number)).count();
            *counts.entry("refused").or_default() += refused as u64;
            *counts.entry("disconnected").or_default() += u64::from(diary.cut_off);
        }
        for late in &self.paced.late {
            record(&mut pace, microseconds(*late));
        }
        let stalled = self.paced.stalled.iter().filter(|number| self.plan.counts(**number)).count();
        counts.extend([
            ("stalled", stalled as u64),
            ("acknowledged", ack.len()),
            ("delivered", delivery.len()),
        ]);
        self.judge(result, &mut counts);
        result.counts = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        result.latencies = [("ack", &ack), ("delivery", &delivery), ("pace", &pace)]
            .map(|(name, of)| Distribution::of(name, of))
            .into();
        result.timeline =
            timeline.into_iter().map(|(at, (sent, latencies))| second(at, sent, &latencies)).collect();
        result.generator_bound = generator_bound(result);
    }

    /// What was lost, doubled and reordered in the whole run, warming up included.
    fn judge(&self, result: &mut RunResult, counts: &mut BTreeMap<&'static str, u64>) {
        let (stalled, refused): (BTreeSet<u64>, BTreeSet<u64>) = (
            self.paced.stalled.iter().copied().collect(),
            self.heard.iter().flat_map(|diary| diary.refused.iter().copied()).collect(),
        );
        let mut written = vec![BTreeSet::new(); self.plan.rooms()];
        let all =
            (0..self.plan.total()).filter(|number| !stalled.contains(number) && !refused.contains(number));
        for number in all {
            written[self.plan.turn(number).room].insert(number);
        }
        let mut seen = vec![<[Vec<u64>; SIDES]>::default(); self.plan.rooms()];
        for diary in &self.heard {
            for (number, _) in &diary.messages {
                seen[self.plan.turn(*number).room][diary.side].push(*number);
            }
        }
        let violations: Vec<Violation> =
            written.iter().zip(&seen).flat_map(|(written, seen)| check(&self.plan, written, seen)).collect();
        let mut reordered = BTreeSet::new();
        for name in ["lost", "doubled", "out_of_senders_order", "out_of_others_order"] {
            counts.insert(name, 0);
        }
        for violation in &violations {
            let name = match violation {
                Violation::Lost { .. } => "lost",
                Violation::Doubled { .. } => "doubled",
                Violation::OutOfSendersOrder { number, .. } => {
                    reordered.insert(*number);
                    "out_of_senders_order"
                }
                Violation::OutOfOthersOrder { number } => {
                    reordered.insert(*number);
                    "out_of_others_order"
                }
            };
            *counts.entry(name).or_default() += 1;
        }
        counts.insert("reordered", reordered.len() as u64);
        result.violations = violations.iter().map(ToString::to_string).collect();
    }

    fn latency(&self, number: u64, at: Instant) -> u64 {
        let due = self.start + self.plan.due(number);
        microseconds(at.saturating_duration_since(due))
    }

    fn second<'a>(
        &self,
        timeline: &'a mut BTreeMap<u64, (u64, Histogram<u64>)>,
        number: u64,
    ) -> &'a mut (u64, Histogram<u64>) {
        let at = self.plan.due(number).saturating_sub(self.plan.warm_up()).as_secs();
        timeline.entry(at).or_insert_with(|| (0, histogram()))
    }
}

fn microseconds(latency: Duration) -> u64 {
    u64::try_from(latency.as_micros()).unwrap_or(LONGEST).clamp(1, LONGEST)
}

/// A histogram that grows with what is recorded.
fn histogram() -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, 1000, 3).expect("the bounds are in order");
    histogram.auto(true);
    histogram
}

/// Not `saturating_record`: that never grows a histogram, but turns what is too long for it into something short.
fn record(histogram: &mut Histogram<u64>, latency: u64) {
    histogram.record(latency).expect("a histogram that grows takes everything up to the longest");
}

fn second(at: u64, sent: u64, latencies: &Histogram<u64>) -> Second {
    let quantile = |quantile| milliseconds(latencies.value_at_quantile(quantile));
    Second {
        at,
        sent,
        delivered: latencies.len(),
        p50: quantile(0.5),
        p99: quantile(0.99),
        max: milliseconds(latencies.max()),
    }
}

/// Why the figures say more of this program than of the peer, when they do.
fn generator_bound(result: &RunResult) -> Option<String> {
    let late = result.value("pace.p99").unwrap_or_default();
    if late > LATE {
        return Some(format!("its clock was late by {late:.1} ms at the 99th percentile"));
    }
    let own = result.processes.iter().find(|process| process.name == super::usage::OWN)?;
    let cores = u32::try_from(result.machine.cores.max(1)).unwrap_or(u32::MAX);
    let share = own.cpu_seconds / result.seconds.max(1.0) / f64::from(cores);
    (share > OWN_SHARE)
        .then(|| format!("the load test itself used {:.0} % of all {cores} processors", share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::super::PeerLoad;
    use super::*;

    /// One room, two messages for warming up and two that count; each arrives a millisecond after it was due.
    fn evidence() -> Evidence {
        let plan = Plan::new(&PeerLoad { rooms: 1, rate: 2, seconds: 1 }, Duration::from_secs(1));
        let start = Instant::now();
        let arrived = |number| (number, start + plan.due(number) + Duration::from_millis(1));
        let diary = |side: usize, own: [u64; 2]| Diary {
            side,
            messages: (0..4).map(arrived).collect(),
            acknowledged: own.into_iter().map(arrived).collect(),
            ..Diary::default()
        };
        Evidence { plan, start, paced: Paced::default(), heard: vec![diary(0, [0, 2]), diary(1, [1, 3])] }
    }

    fn result_of(evidence: &Evidence) -> RunResult {
        let mut result = RunResult { seconds: 1.0, ..RunResult::default() };
        evidence.fill(&mut result);
        result
    }

    #[test]
    fn only_the_measured_time_counts() {
        let result = result_of(&evidence());
        for (name, count) in
            [("sent", 2), ("delivered", 2), ("acknowledged", 2), ("lost", 0), ("reordered", 0)]
        {
            assert_eq!(result.counts[name], count, "{name}");
        }
        assert_eq!(result.value("delivery.p50"), Some(1.0));
        assert_eq!(result.timeline.len(), 1);
        assert!(result.violations.is_empty());
    }

    #[test]
    fn long_latencies_are_told_as_they_are() {
        let mut evidence = evidence();
        evidence.heard[1].messages[2].1 += Duration::from_secs(9);
        let result = result_of(&evidence);
        for longest in [result.value("delivery.max"), result.timeline.first().map(|second| second.max)] {
            assert!(longest.is_some_and(|longest| (9000.0..9010.0).contains(&longest)), "{longest:?}");
        }
    }

    #[test]
    fn what_is_lost_and_reordered_is_told() {
        let mut evidence = evidence();
        evidence.heard[1].messages.swap(2, 3);
        evidence.heard[1].messages.remove(0);
        let result = result_of(&evidence);
        assert_eq!((result.counts["lost"], result.counts["reordered"]), (1, 1));
        assert_eq!(result.violations.len(), 2);
    }
}
