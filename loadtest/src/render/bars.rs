//! Bars: the histogram of a distribution, and the stages of a delivery beside each other.

use std::fmt::Write as _;

use super::plot::{Axis, Frame, Mark};
use super::table::escape;
use super::{figure, grouped, short};
use crate::result::{Distribution, whole};

/// By how much a bar of a histogram is longer at its end than at its start: what distributions are recorded with.
const BAR_GROWTH: f64 = 1.25;

/// Height of a stage's two bars with the space around them.
const STAGE_HEIGHT: f64 = 46.0;

/// Share of samples by their latency. `all` are those it is shown together with: they share the horizontal axis.
pub(super) fn histogram(one: &Distribution, index: usize, all: &[&Distribution]) -> String {
    let ends = |one: &&Distribution| {
        let first = one.bars.first().map(|bar| bar.0 / BAR_GROWTH);
        [first, Some(one.max), one.bars.last().map(|bar| bar.0)]
    };
    let x = Axis::logarithmic("latency, ms (logarithmic)", all.iter().flat_map(ends).flatten());
    let share = |count: u64| 100.0 * whole(count) / whole(one.count.max(1));
    let highest = one.bars.iter().map(|bar| share(bar.1)).fold(0.0, f64::max);
    let marks = [("p50", one.p50), ("p99", one.p99), ("p99.9", one.p999), ("max", one.max)]
        .map(|(name, at)| Mark { at, label: format!("{name} {}", figure(at)) });
    let frame = Frame {
        title: format!("Histogram of {}", one.name),
        height: 130.0,
        x,
        y: Axis::linear("% of samples", highest),
        marks: marks.into(),
    };
    let mut inside = String::new();
    let mut before = 0.0_f64;
    for (to, count) in &one.bars {
        let from = before.max(to / BAR_GROWTH);
        before = *to;
        let (left, right, bottom) = (frame.across(from), frame.across(*to), frame.down(0.0));
        // A single sample is one pixel high, or nobody would see the tail.
        let height = (bottom - frame.down(share(*count))).max(1.5);
        let _ = writeln!(
            inside,
            "<rect class=\"f{}\" x=\"{left:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\">\
             <title>{} to {} ms: {} samples, {} %</title></rect>",
            index % 8,
            bottom - height,
            (right - left - 0.8).max(1.0),
            short(from),
            short(*to),
            grouped(*count),
            short(share(*count))
        );
    }
    frame.svg(&inside)
}

/// Median and 99th percentile of every stage.
pub(super) fn stages(stages: &[&Distribution]) -> String {
    let rows = whole(stages.len() as u64);
    let names = stages.iter().rev().zip(0_u32..);
    let frame = Frame {
        title: "Median and 99th percentile of every stage".to_owned(),
        height: STAGE_HEIGHT * rows,
        x: Axis::linear("time, ms", stages.iter().map(|stage| stage.p99.max(stage.p50)).fold(0.0, f64::max)),
        y: Axis::with_ticks("", rows, {
            names.map(|(stage, row)| (f64::from(row) + 0.5, stage.name.clone())).collect()
        }),
        marks: Vec::new(),
    };
    let mut inside = String::new();
    for (stage, row) in stages.iter().rev().zip(0_u32..) {
        let middle = frame.down(f64::from(row) + 0.5);
        for (name, value, class, top) in
            [("p50", stage.p50, 0, middle - 17.0), ("p99", stage.p99, 1, middle + 1.0)]
        {
            let (left, right) = (frame.across(0.0), frame.across(value));
            let (anchor, x) = if right > 900.0 { ("end", right - 6.0) } else { ("start", right + 6.0) };
            let _ = writeln!(
                inside,
                "<rect class=\"f{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"16\">\
                 <title>{}, {name}: {} ms</title></rect>\
                 <text class=\"mark\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{name} {} ms</text>",
                (right - left).max(1.5),
                escape(&stage.name),
                figure(value),
                top + 12.0,
                figure(value)
            );
        }
    }
    frame.svg(&inside)
}
