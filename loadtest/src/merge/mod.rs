//! Results of generators that loaded one hub at the same time become one: latencies are added, not averaged, and what all
//! clients saw is judged together.

mod addable;
mod evidence;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use confab_domain::invariants::{self, History};

pub(crate) use addable::{Addable, Packed, PackedSecond, empty};
pub(crate) use evidence::Evidence;

use crate::objective::Objective;
use crate::render;
use crate::result::{Distribution, RunResult, Second};
use crate::watch::OWN;
use crate::work::START_AT;

/// Arguments of `merge`.
#[derive(Debug, clap::Args)]
pub(crate) struct Merge {
    /// Results of runs with the same `--start-at`.
    #[arg(required = true, num_args = 2..)]
    results: Vec<PathBuf>,
    /// Where the sum goes; its report goes beside it.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
}

/// A result and what its generator is called.
struct Part {
    name: String,
    result: RunResult,
    addable: Addable,
}

impl Merge {
    /// Reads, adds and writes.
    pub(crate) fn carry_out(&self) -> Result<RunResult> {
        let mut parts = Vec::new();
        for (number, file) in self.results.iter().enumerate() {
            let mut result = crate::read(file)?;
            let addable = result.addable.take().with_context(|| {
                format!("{} has nothing that could be added: run it with --start-at", file.display())
            })?;
            parts.push(Part { name: format!("generator {}", number + 1), result, addable });
        }
        let sum = sum(&parts)?;
        crate::write(&self.out.with_extension("json"), &sum)?;
        let report = self.out.with_extension("html");
        fs::write(&report, render::html(&sum))
            .with_context(|| format!("cannot write {}", report.display()))?;
        Ok(sum)
    }
}

fn sum(parts: &[Part]) -> Result<RunResult> {
    let first = &parts.first().context("there is nothing to merge")?.result;
    for Part { result, .. } in parts {
        if result.parameters.get(START_AT) != first.parameters.get(START_AT) {
            bail!("the results are of runs that began at different times: give all the same --start-at");
        }
        if result.scenario != first.scenario {
            bail!("the results are of different scenarios: {} and {}", first.scenario, result.scenario);
        }
    }
    let mut sum = RunResult {
        // The hub's own view of its stages is the same whoever asks.
        stages: first.stages.clone(),
        latencies: latencies(parts)?,
        timeline: timeline(parts)?,
        violations: violations(parts)?,
        parameters: parameters(parts),
        ..RunResult::default()
    };
    sum.scenario.clone_from(&first.scenario);
    sum.description = format!("{} By {} generators.", first.description, parts.len());
    sum.began.clone_from(&first.began);
    sum.version.clone_from(&first.version);
    sum.machine = first.machine.clone();
    for Part { name, result, .. } in parts {
        sum.seconds = sum.seconds.max(result.seconds);
        for (count, value) in &result.counts {
            *sum.counts.entry(count.clone()).or_default() += value;
        }
        for (figure, value) in &result.figures {
            let place =
                sum.figures.entry(figure.clone()).or_insert(if is_sum(figure) { 0.0 } else { *value });
            *place = if is_sum(figure) { *place + value } else { place.max(*value) };
        }
        for process in &result.processes {
            let mut process = process.clone();
            if process.name == OWN {
                process.name = format!("{OWN}, {name}");
            }
            sum.processes.push(process);
        }
        sum.faults.extend(result.faults.iter().cloned());
        if let (None, Some(why)) = (&sum.generator_bound, &result.generator_bound) {
            sum.generator_bound = Some(format!("{name}: {why}"));
        }
    }
    sum.objectives = objectives(parts, &sum)?;
    Ok(sum)
}

/// Rates of several add up; of times and sizes the largest counts.
fn is_sum(figure: &str) -> bool {
    figure.ends_with("_per_s")
}

fn latencies(parts: &[Part]) -> Result<Vec<Distribution>> {
    let names: BTreeSet<&String> = parts.iter().flat_map(|part| part.addable.latencies.keys()).collect();
    let added = names.into_iter().map(|name| {
        let mut all = empty()?;
        for part in parts.iter().filter_map(|part| part.addable.latencies.get(name)) {
            part.add_to(&mut all)?;
        }
        Ok(Distribution::of(name, &all))
    });
    added.collect()
}

fn timeline(parts: &[Part]) -> Result<Vec<Second>> {
    let seconds: BTreeSet<u64> = parts.iter().flat_map(|part| part.addable.seconds.keys().copied()).collect();
    let added = seconds.into_iter().map(|at| {
        let (mut sent, mut all) = (0, empty()?);
        for part in parts.iter().filter_map(|part| part.addable.seconds.get(&at)) {
            sent += part.sent;
            part.latencies.add_to(&mut all)?;
        }
        Ok(Second::of(at, sent, &all))
    });
    added.collect()
}

/// What each generator found by itself, and what only shows when all is laid side by side.
fn violations(parts: &[Part]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let (mut all, mut known) = (History::new(), BTreeSet::new());
    // Log and database are complete only if every generator read back what it wrote.
    let complete =
        |which: fn((bool, bool)) -> bool| parts.iter().all(|part| which(part.addable.evidence.reaches()));
    all.complete.log = complete(|(log, _)| log);
    all.complete.store = complete(|(_, store)| store);
    for Part { name, result, addable } in parts {
        found.extend(result.violations.iter().map(|violation| format!("{name}: {violation}")));
        let mut own = History::new();
        addable.evidence.add_to(&mut own, name)?;
        own.complete = all.complete;
        known.extend(invariants::check(&own).iter().map(ToString::to_string));
        all.extend(own.records);
    }
    let together = invariants::check(&all);
    found.extend(together.iter().map(ToString::to_string).filter(|violation| !known.contains(violation)));
    Ok(found)
}

/// What the runs have in common, and side by side where they differ.
fn parameters(parts: &[Part]) -> BTreeMap<String, String> {
    let names: BTreeSet<&String> = parts.iter().flat_map(|part| part.result.parameters.keys()).collect();
    let mut parameters: BTreeMap<String, String> = names
        .into_iter()
        .map(|name| {
            let values =
                parts.iter().map(|part| part.result.parameters.get(name).map_or("-", String::as_str));
            let mut values: Vec<&str> = values.collect();
            values.dedup();
            (name.clone(), values.join(" | "))
        })
        .collect();
    parameters.insert("generators".to_owned(), parts.len().to_string());
    parameters
}

/// The objectives of the first, judged anew.
fn objectives(parts: &[Part], sum: &RunResult) -> Result<Vec<crate::result::Outcome>> {
    let stated = parts.iter().flat_map(|part| &part.result.objectives).map(|outcome| &outcome.objective);
    let stated: BTreeSet<&String> = stated.collect();
    let judged = stated.into_iter().map(|text| {
        Objective::try_from(text.clone()).map(|objective| objective.judge(sum)).map_err(anyhow::Error::msg)
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use confab_domain::invariants::{Message, Name, Place, Record};

    use super::*;

    const TEXT: &str = "delivery.p99 <= 20";

    /// A generator whose one client follows a room and got these sequences of it; it wrote the first.
    fn part(name: &str, sequences: &[u64], latency: u64) -> Part {
        let names = |text: &str| Name::from(text);
        let message = |seq: u64| Message {
            channel: names("conv.c-1"),
            author: names("ann"),
            entry_id: Name::from(format!("m-{seq}")),
        };
        let mut history = History::new();
        let (participant, channel) = (names("ann"), names("conv.c-1"));
        history.push(Record::Followed {
            participant: participant.clone(),
            channel,
            epoch: names(""),
            after: 0,
        });
        for seq in sequences {
            let place = Place { epoch: names("017"), seq: *seq };
            history.push(Record::Delivered {
                participant: participant.clone(),
                message: message(*seq),
                place,
            });
            history.push(Record::Acked { message: message(*seq), seq: *seq });
        }
        let mut histogram = empty().expect("a histogram");
        histogram.record(latency).expect("it grows");
        let packed = Packed::of(&histogram).expect("it is written");
        let addable = Addable {
            latencies: [("delivery".to_owned(), packed.clone())].into(),
            seconds: [(0, PackedSecond { sent: 1, latencies: packed })].into(),
            evidence: Evidence::of(&history),
        };
        let mut result = RunResult { seconds: 1.0, ..RunResult::default() };
        result.counts.insert("sent".to_owned(), 1);
        result.figures.insert("deliveries_per_s".to_owned(), 2.0);
        result.figures.insert("behind_s".to_owned(), 2.0);
        result
            .objectives
            .push(Objective::try_from(TEXT.to_owned()).expect("an objective").judge(&RunResult::default()));
        let text = serde_json::to_vec(&addable).expect("it is written");
        Part { name: name.to_owned(), result, addable: serde_json::from_slice(&text).expect("it is read") }
    }

    #[test]
    fn counts_rates_and_latencies_are_added() {
        let sum = sum(&[part("one", &[1], 1000), part("two", &[1], 9000)]).expect("they are merged");
        assert_eq!((sum.counts["sent"], sum.timeline[0].sent, sum.timeline[0].delivered), (2, 2, 2));
        assert_eq!((sum.value("deliveries_per_s"), sum.value("behind_s")), (Some(4.0), Some(2.0)));
        let delivery = &sum.latencies[0];
        assert_eq!((delivery.count, delivery.p50.round(), delivery.max.round()), (2, 1.0, 9.0));
        assert!(sum.is_met(), "{:?} {:?}", sum.objectives, sum.violations);
        assert_eq!(sum.parameters["generators"], "2");
    }

    #[test]
    fn what_one_generator_alone_cannot_see_shows_when_all_is_laid_side_by_side() {
        let sum = sum(&[part("one", &[1, 2, 3], 1000), part("two", &[1, 3], 1000)]).expect("they are merged");
        assert_eq!(sum.violations.len(), 1, "{:?}", sum.violations);
        assert!(sum.violations[0].contains("two/ann"), "{:?}", sum.violations);
    }

    #[test]
    fn runs_of_different_times_or_scenarios_are_refused() {
        for (parameter, scenario) in [("2026-01-31T12:00:00Z", ""), ("", "steady")] {
            let mut parts = [part("one", &[1], 1000), part("two", &[1], 1000)];
            for part in &mut parts {
                part.result.parameters.insert(START_AT.to_owned(), String::new());
            }
            parts[1].result.parameters.insert(START_AT.to_owned(), parameter.to_owned());
            scenario.clone_into(&mut parts[1].result.scenario);
            assert!(sum(&parts).is_err());
        }
    }
}
