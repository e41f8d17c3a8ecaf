//! Made-up runs that the tests of this module show.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::result::{Distribution, FaultEvent, Machine, Outcome, ProcessUse, RunResult, Second, UseSample};

/// A run of everything: latencies with a tail, a fault, a missed objective, broken promises.
pub(super) fn run() -> RunResult {
    let named = |names: &[(&str, &str)]| -> BTreeMap<String, String> {
        names.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    RunResult {
        scenario: "steady".to_owned(),
        description: "Rooms of two, in which customer and agent write in turn.".to_owned(),
        began: "2026-01-02T03:04:05Z".to_owned(),
        version: "0.1.0".to_owned(),
        machine: Machine { cores: 2, memory_bytes: 8 << 30, kernel: "Linux 6.1.0".to_owned() },
        parameters: named(&[("rate", "2000"), ("rooms", "1000"), ("sync", "always")]),
        seconds: 20.0,
        counts: [("sent", 40_000), ("acknowledged", 40_000), ("refused", 0), ("stalled", 12)]
            .map(|(name, count)| (name.to_owned(), count))
            .into(),
        figures: [("projector_behind_s".to_owned(), 0.42)].into(),
        latencies: vec![tailed("delivery", 700, 20_000), tailed("ack", 600, 20_000)],
        stages: vec![
            tailed("stored", 310, 20_000),
            tailed("republished", 160, 20_000),
            tailed("written", 70, 20_000),
            tailed("total", 620, 20_000),
        ],
        timeline: (0..20).map(second).collect(),
        processes: ["edge-1", "edge-2", "worker-1", "database", "nats", "load test"]
            .into_iter()
            .zip(1..)
            .map(|(name, index)| process(name, index))
            .collect(),
        faults: vec![
            FaultEvent { at: 8.2, what: "edge-1 was killed".to_owned() },
            FaultEvent { at: 9.7, what: "edge-1 was started again".to_owned() },
        ],
        violations: vec!["message 17 of room 4 was lost".to_owned(), "room 9 is out of order".to_owned()],
        objectives: vec![
            outcome("delivery.p99 <= 25", Some(4.2), true),
            outcome("delivery.p99 <= 2", Some(4.2), false),
            outcome("refused <= 0", Some(0.0), true),
        ],
        generator_bound: None,
        addable: None,
    }
}

/// A run that was cut off before anything was delivered.
pub(super) fn without_samples() -> RunResult {
    let nothing = Histogram::new(3).unwrap();
    RunResult {
        scenario: "steady".to_owned(),
        latencies: vec![Distribution::of("delivery", &nothing), Distribution::default()],
        stages: vec![Distribution::of("stored", &nothing)],
        timeline: vec![Second { at: 0, sent: 5, ..Second::default() }],
        processes: vec![ProcessUse { name: "nats".to_owned(), ..ProcessUse::default() }],
        objectives: vec![outcome("delivery.p99 <= 25", None, false)],
        seconds: 1.0,
        ..RunResult::default()
    }
}

/// [`run`] with `text` wherever a run has text.
pub(super) fn with_text_everywhere(text: &str) -> RunResult {
    let mut run = run();
    let own = || text.to_owned();
    run.scenario = own();
    run.description = own();
    run.began = own();
    run.version = own();
    run.machine.kernel = own();
    run.parameters.insert(own(), own());
    run.counts.insert(own(), 1);
    run.figures.insert(own(), 1.0);
    run.latencies.iter_mut().chain(&mut run.stages).for_each(|one| one.name = own());
    run.processes.iter_mut().for_each(|one| one.name = own());
    run.faults.iter_mut().for_each(|one| one.what = own());
    run.violations.iter_mut().for_each(|one| *one = own());
    run.objectives.iter_mut().for_each(|one| one.objective = own());
    run.generator_bound = Some(own());
    run
}

/// Everything one process uses in 20 seconds.
pub(super) fn process(name: &str, index: u32) -> ProcessUse {
    let busy = 0.08 * f64::from(index);
    let sample = |at: u32| UseSample {
        at: f64::from(at),
        cores: busy * (1.0 + 0.2 * f64::from(at * 7 % 5)),
        bytes: u64::from(index * 20 + at) << 20,
    };
    let samples: Vec<_> = (1..=20).filter(|at| index != 1 || !(9..=10).contains(at)).map(sample).collect();
    ProcessUse {
        name: name.to_owned(),
        cpu_seconds: busy * 20.0,
        peak_bytes: samples.iter().map(|sample| sample.bytes).max().unwrap_or(0),
        samples,
    }
}

fn outcome(objective: &str, value: Option<f64>, met: bool) -> Outcome {
    Outcome { objective: objective.to_owned(), value, met }
}

/// Latencies around `typical` microseconds, with the long tail that latencies have. Twice `samples` when it is the
/// delivery's, so that counts differ.
fn tailed(name: &str, typical: u64, samples: u64) -> Distribution {
    let samples = if name == "delivery" || name == "ack" { samples * 2 } else { samples };
    let mut histogram = Histogram::new(3).unwrap();
    for sample in 0..samples {
        let spread = typical / 2 + typical * (sample * 7919 % 1000) / 900;
        let tail = match sample {
            one if one % 2003 == 0 => typical * 40,
            one if one % 97 == 0 => typical * 5,
            _ => 0,
        };
        histogram.record(spread + tail).unwrap();
    }
    Distribution::of(name, &histogram)
}

fn second(at: u64) -> Second {
    let waits = if (8..=10).contains(&at) { 40.0 } else { 1.0 };
    let delivered = if at == 9 { 0 } else { 2000 - (at % 3) };
    if delivered == 0 {
        return Second { at, sent: 2000, ..Second::default() };
    }
    let wobble = if at.is_multiple_of(4) { 1.3 } else { 1.0 };
    Second { at, sent: 2000, delivered, p50: 0.7 * wobble, p99: 3.0 * waits * wobble, max: 9.0 * waits }
}
