//! Which plots a run is shown by. Says nothing where nothing was measured: a second without deliveries is a gap, not a
//! zero, and quantiles end where the samples do.

use std::fmt::Write as _;

use super::plot::{Axis, Frame, Line, Mark, legend, line_class, lines};
use super::table::escape;
use super::{bars, figure, grouped, mebibytes, short};
use crate::result::{Distribution, ProcessUse, RunResult, UseSample, whole};

/// Columns of a plot over time that a pointer can ask.
const COLUMNS: f64 = 240.0;

/// Quantiles that the horizontal axis of the percentile curve names.
const NINES: [f64; 9] = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999_999, 0.999_999_9];

/// The distributions that have samples.
pub(super) fn measured(distributions: &[Distribution]) -> Vec<&Distribution> {
    distributions.iter().filter(|one| one.count > 0).collect()
}

/// Curves of quantiles over a logarithmic axis of nines, and a histogram of each.
pub(super) fn latencies(result: &RunResult) -> String {
    let all = measured(&result.latencies);
    if all.is_empty() {
        return "<p class=\"soft\">No latency was measured.</p>\n".to_owned();
    }
    let mut out = curve(&all);
    for (index, one) in all.iter().enumerate() {
        if !one.bars.is_empty() {
            let heading = format!("Histogram of {}: {} samples", one.name, grouped(one.count));
            out.push_str(&shown(&heading, "", &bars::histogram(one, index, &all), HISTOGRAM));
        }
    }
    out
}

const HISTOGRAM: &str = "Bars become wider by a quarter each. The tail is drawn at least one pixel high.";

fn curve(all: &[&Distribution]) -> String {
    let nines = |quantile: f64| -(1.0 - quantile).log10();
    let last = |one: &Distribution| whole(one.count).log10();
    let known = |one: &Distribution| -> Vec<(f64, f64)> {
        let points = one.curve.iter().filter(|(quantile, _)| *quantile < 1.0);
        points
            .map(|(quantile, value)| (nines(*quantile), *value))
            .filter(|(at, _)| *at <= last(one))
            .collect()
    };
    let high = all.iter().map(|one| last(one)).fold(1.0, f64::max);
    let ticks = NINES.iter().map(|quantile| (nines(*quantile), format!("{} %", percent(*quantile))));
    let frame = Frame {
        title: "Latency at every percentile".to_owned(),
        height: 300.0,
        x: Axis::with_ticks(
            "percentile: this share of all samples is at or below the line",
            high,
            ticks.filter(|(at, _)| *at <= high).collect(),
        ),
        y: Axis::logarithmic("latency, ms (logarithmic)", {
            all.iter().flat_map(|one| one.curve.iter().map(|point| point.1).chain([one.max]))
        }),
        marks: Vec::new(),
    };
    let curves: Vec<Line> = (all.iter())
        .map(|one| Line::of(&one.name, known(one).into_iter().map(|(at, value)| (at, Some(value)))))
        .collect();
    let mut inside = lines(&frame, &curves);
    for (index, (one, curve)) in all.iter().zip(&curves).enumerate() {
        let (x, y) = (frame.across(last(one)), frame.down(one.max));
        if let Some((at, value)) = curve.points().last() {
            let (from, to, class) = (frame.across(at), frame.down(value), line_class(index));
            let _ = writeln!(inside, "<path class=\"{class} far\" d=\"M{from:.1} {to:.1}L{x:.1} {y:.1}\"/>");
        }
        let (colour, name) = (index % 8, escape(&one.name));
        for (quantile, value) in one.curve.iter().filter(|(quantile, _)| nines(*quantile) <= last(one)) {
            let (x, y) = (frame.across(nines(*quantile)), frame.down(*value));
            let _ = writeln!(
                inside,
                "<circle class=\"dot f{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\">\
                 <title>{name}: {} % within {} ms</title></circle>",
                percent(*quantile),
                figure(*value)
            );
        }
        let _ = writeln!(
            inside,
            "<circle class=\"hollow c{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\">\
             <title>{name}: the longest of {} samples, {} ms</title></circle>",
            grouped(one.count),
            figure(one.max)
        );
    }
    shown("Latency by percentile", &legend(&curves), &frame.svg(&inside), {
        "From one nine to the next, a tenth as many samples lie above. Filled dots are measured; hollow ones are the \
         longest sample, drawn at the last percentile that this many samples can tell. Lines only join the dots."
    })
}

/// A quantile in percent with as many digits as it has.
fn percent(quantile: f64) -> String {
    let text = format!("{:.5}", quantile * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Rates, latencies, processors and memory over the measured time, with the faults.
pub(super) fn over_time(result: &RunResult) -> String {
    let seconds = &result.timeline;
    let samples = || result.processes.iter().flat_map(|process| &process.samples);
    let end = (seconds.iter().map(|second| whole(second.at + 1)))
        .chain(samples().map(|sample| sample.at))
        .chain(result.faults.iter().map(|fault| fault.at))
        .fold(result.seconds, f64::max);
    let mut out = String::new();
    let mut add = |heading: &str, lines: Vec<Line>, y: Axis, unit: &str, note: &str| {
        if lines.iter().any(|line| line.points().next().is_some()) {
            out.push_str(&timed(result, heading, end, &lines, y, unit, note));
        }
    };
    let per_second = |name, value: fn(&crate::result::Second) -> Option<f64>| {
        Line::of(name, seconds.iter().map(|second| (whole(second.at) + 0.5, value(second))))
    };
    let most = seconds.iter().map(|second| second.sent.max(second.delivered)).max().unwrap_or(0);
    add(
        "Rate",
        vec![
            per_second("messages due", |second| Some(whole(second.sent))),
            per_second("deliveries", |second| Some(whole(second.delivered))),
        ],
        Axis::linear("messages per second", whole(most)),
        "/s",
        "A delivery counts in the second in which its message was due, whenever it arrived.",
    );
    let all = seconds.iter().filter(|second| second.delivered > 0);
    add(
        "Latency of deliveries",
        vec![
            per_second("p50", |second| (second.delivered > 0).then_some(second.p50)),
            per_second("p99", |second| (second.delivered > 0).then_some(second.p99)),
            per_second("max", |second| (second.delivered > 0).then_some(second.max)),
        ],
        Axis::logarithmic("ms (logarithmic)", all.flat_map(|second| [second.p50, second.p99, second.max])),
        " ms",
        "By the second in which the message was due. No line where nothing was delivered.",
    );
    let used = |value: fn(&UseSample) -> f64| -> Vec<Line> {
        result.processes.iter().map(|process| used(process, value)).collect()
    };
    let busy = samples().map(|sample| sample.cores).fold(0.0, f64::max);
    let processors = format!(
        "Processors kept busy since the look before; the machine has {}. A line ends where its process does.",
        result.machine.cores
    );
    add("Processors", used(|sample| sample.cores), Axis::linear("processors busy", busy), "", &processors);
    let memory = samples().map(|sample| mebibytes(sample.bytes)).fold(0.0, f64::max);
    let note = "Memory in RAM. A line ends where its process does.";
    add("Memory", used(|sample| mebibytes(sample.bytes)), Axis::linear("MiB", memory), " MiB", note);
    if out.is_empty() {
        out.push_str("<p class=\"soft\">Nothing was recorded over time.</p>\n");
    }
    out
}

/// What a process used, in pieces where it wasn't there to be looked at.
fn used(process: &ProcessUse, value: fn(&UseSample) -> f64) -> Line {
    let samples = &process.samples;
    let mut steps: Vec<f64> = samples.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    steps.sort_by(f64::total_cmp);
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(f64::INFINITY);
    let mut before = f64::INFINITY;
    let mut points = Vec::with_capacity(samples.len());
    for sample in samples {
        if sample.at - before > usual * 2.5 {
            points.push((sample.at, None));
        }
        before = sample.at;
        points.push((sample.at, Some(value(sample))));
    }
    Line::of(&process.name, points)
}

fn timed(
    result: &RunResult,
    heading: &str,
    end: f64,
    all: &[Line],
    y: Axis,
    unit: &str,
    note: &str,
) -> String {
    let marks = result.faults.iter().map(|fault| Mark { at: fault.at, label: fault.what.clone() }).collect();
    let frame = Frame { title: format!("{heading} over time"), height: 180.0, x: Axis::time(end), y, marks };
    let inside = lines(&frame, all) + &looks(&frame, all, unit);
    shown(heading, &legend(all), &frame.svg(&inside), note)
}

/// Invisible columns that tell a pointer every line's values.
fn looks(frame: &Frame, all: &[Line], unit: &str) -> String {
    let step = (frame.x.high() / COLUMNS).ceil().max(1.0);
    let (top, bottom) = (frame.top(), frame.bottom());
    let mut out = String::new();
    let mut from = 0.0;
    while from < frame.x.high() {
        let to = from + step;
        let mut told = if step > 1.0 { format!("{from:.0} to {to:.0} s") } else { format!("{from:.0} s") };
        let mut known = false;
        for line in all {
            let values = line.points().filter(|(at, _)| (from..to).contains(at)).map(|(_, value)| value);
            let (low, high) = values
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one), high.max(one)));
            if low.is_finite() {
                known = true;
                let range = if low < high { format!("{} to ", short(low)) } else { String::new() };
                let _ = write!(told, "\n{}: {range}{}{unit}", line.name, short(high));
            }
        }
        if known {
            let (left, right) = (frame.across(from), frame.across(to));
            let _ = writeln!(
                out,
                "<rect class=\"look\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}\
                 </title></rect>",
                right - left,
                bottom - top,
                escape(&told)
            );
        }
        from = to;
    }
    out
}

/// Stages of a delivery beside each other.
pub(super) fn stages(result: &RunResult) -> String {
    let all = measured(&result.stages);
    if all.is_empty() {
        return "<p class=\"soft\">The hub's metrics were not read, or told of no delivery.</p>\n".to_owned();
    }
    shown("Stages of a delivery", "", &bars::stages(&all), {
        "As the servers' own metrics tell them, with the resolution of their buckets; the time to and from the \
         clients is not in them. Percentiles of stages don't add up to the percentile of the total."
    })
}

fn shown(heading: &str, legend: &str, svg: &str, note: &str) -> String {
    let (heading, note) = (escape(heading), escape(note));
    format!("<figure>\n<h3>{heading}</h3>\n{legend}{svg}<figcaption>{note}</figcaption>\n</figure>\n")
}
