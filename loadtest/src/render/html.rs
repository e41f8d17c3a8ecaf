//! A run as one page: self-contained, without scripts, readable on a screen in light and dark and on paper.

use std::fmt::Write as _;

use super::table::{self, escape};
use super::{
    PROCESSES, QUANTILES, charts, delivered, few_samples, figure, grouped, mebibytes, optional, per_thousand,
    processes, quantiles, server_seconds, short, verdict,
};
use crate::result::{RunResult, whole};

const STYLE: &str = include_str!("style.css");

/// Violations that the page lists; a page of a million lines helps nobody.
const SHOWN: usize = 1000;

/// The page.
pub(crate) fn html(result: &RunResult) -> String {
    let title = escape(&result.scenario);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}: load test</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
    heading(&mut out, result);
    out.push_str("<div class=\"pair\">\n<section>\n<h2>Parameters</h2>\n");
    out.push_str(&table::html(&["parameter", "value"], &parameters(result)));
    out.push_str("</section>\n<section>\n<h2>Machine</h2>\n");
    out.push_str(&table::html(&["machine", ""], &machine(result)));
    out.push_str("</section>\n</div>\n");

    section(&mut out, "Latency as clients see it", {
        "From the time at which a message was due, whether or not the load test managed to send it then, so a hub that \
         stalls can't hide it."
    });
    out.push_str(&table::html(&QUANTILES, &quantiles(&result.latencies)));
    if let Some(note) = few_samples(result) {
        let _ = writeln!(out, "<p class=\"soft\">{}</p>", escape(note));
    }
    out.push_str(&charts::latencies(result));

    section(&mut out, "Over time", "Faults that were made on purpose are dotted lines.");
    out.push_str(&charts::over_time(result));

    section(&mut out, "Inside the hub", "");
    out.push_str(&charts::stages(result));
    out.push_str(&table::html(&QUANTILES, &quantiles(&result.stages)));

    section(&mut out, "Processes", "What each process used in the measured time.");
    out.push_str(&table::html(&PROCESSES, &processes(result)));
    numbers(&mut out, result);
    violations(&mut out, result);
    details(&mut out, result);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn heading(out: &mut String, result: &RunResult) {
    let met = if result.is_met() { "met" } else { "missed" };
    let _ = writeln!(
        out,
        "<h1>Load test: {}</h1>\n<p>{}</p>\n<p class=\"soft\">{}, {} s measured, version {}</p>\n\
         <div class=\"verdict {met}\"><b>{}</b>: {}.</div>",
        escape(&result.scenario),
        escape(&result.description),
        escape(&result.began),
        short(result.seconds),
        escape(&result.version),
        if result.is_met() { "Passed" } else { "Failed" },
        escape(&verdict(result))
    );
    if let Some(reason) = &result.generator_bound {
        let _ = writeln!(
            out,
            "<div class=\"verdict bound\"><b>The load test itself was the bottleneck</b>, so the figures say more of \
             it than of the hub: {}</div>",
            escape(reason)
        );
    }
    let mut tiles = String::new();
    let mut tile = |value: String, name: &str| {
        let _ = writeln!(tiles, "<li><b>{}</b><span>{}</span></li>", escape(&value), escape(name));
    };
    for one in charts::measured(&result.latencies).into_iter().take(2) {
        tile(format!("{} ms", figure(one.p50)), &format!("{}, median", one.name));
        tile(format!("{} ms", figure(one.p99)), &format!("{}, 99th percentile", one.name));
    }
    if let Some(count) = delivered(result) {
        let used = per_thousand(server_seconds(result), Some(count));
        if result.seconds > 0.0 {
            tile(format!("{}/s", figure(whole(count) / result.seconds)), "deliveries");
        }
        if !result.processes.is_empty() {
            tile(format!("{} ms", optional(used)), "CPU of all servers for 1,000 deliveries");
        }
    }
    if !tiles.is_empty() {
        let _ = writeln!(out, "<ul class=\"tiles\">\n{tiles}</ul>");
    }
    if !result.objectives.is_empty() {
        out.push_str(
            "<h2>Objectives</h2>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">objective</th>",
        );
        out.push_str("<th scope=\"col\">found</th><th scope=\"col\">judged</th></tr></thead><tbody>\n");
        for outcome in &result.objectives {
            let class = if outcome.met { "met" } else { "missed" };
            let found = outcome.value.map_or_else(|| "not measured".to_owned(), short);
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"{class}\">{class}</td></tr>",
                escape(&outcome.objective),
                escape(&found)
            );
        }
        out.push_str("</tbody></table></div>\n");
    }
}

fn section(out: &mut String, heading: &str, note: &str) {
    let _ = writeln!(out, "<h2>{}</h2>", escape(heading));
    if !note.is_empty() {
        let _ = writeln!(out, "<p class=\"soft\">{}</p>", escape(note));
    }
}

fn parameters(result: &RunResult) -> Vec<Vec<String>> {
    result.parameters.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect()
}

fn machine(result: &RunResult) -> Vec<Vec<String>> {
    let machine = &result.machine;
    [
        ("processors", machine.cores.to_string()),
        ("memory", format!("{:.1} GiB", mebibytes(machine.memory_bytes) / 1024.0)),
        ("kernel", machine.kernel.clone()),
    ]
    .map(|(name, value)| vec![name.to_owned(), value])
    .into()
}

/// Counts, figures and faults.
fn numbers(out: &mut String, result: &RunResult) {
    let counts: Vec<_> =
        result.counts.iter().map(|(name, count)| vec![name.clone(), grouped(*count)]).collect();
    let figures: Vec<_> =
        result.figures.iter().map(|(name, value)| vec![name.clone(), short(*value)]).collect();
    let faults: Vec<_> =
        (result.faults.iter()).map(|fault| vec![fault.what.clone(), format!("{:.1} s", fault.at)]).collect();
    out.push_str("<div class=\"pair\">\n");
    for (heading, heads, rows) in [
        ("Counts", ["count", ""], counts),
        ("Figures", ["figure, its unit at the end", ""], figures),
        ("Faults", ["made on purpose", "at"], faults),
    ] {
        if !rows.is_empty() {
            let _ = writeln!(out, "<section>\n<h2>{heading}</h2>\n{}</section>", table::html(&heads, &rows));
        }
    }
    out.push_str("</div>\n");
}

fn violations(out: &mut String, result: &RunResult) {
    let all = result.violations.len();
    section(
        out,
        "Violations",
        match all {
            0 => "None was found in what this run checks.",
            _ => "Promises that were broken.",
        },
    );
    if all > 0 {
        out.push_str("<ol class=\"violations\">\n");
        for violation in result.violations.iter().take(SHOWN) {
            let _ = writeln!(out, "<li>{}</li>", escape(violation));
        }
        out.push_str("</ol>\n");
    }
    if all > SHOWN {
        let _ = writeln!(out, "<p>These are the first {SHOWN} of {}.</p>", grouped(all as u64));
    }
}

/// The values behind the plots.
fn details(out: &mut String, result: &RunResult) {
    let seconds: Vec<_> = (result.timeline.iter())
        .map(|second| {
            let latency = |value: f64| optional((second.delivered > 0).then_some(value));
            vec![
                second.at.to_string(),
                grouped(second.sent),
                grouped(second.delivered),
                latency(second.p50),
                latency(second.p99),
                latency(second.max),
            ]
        })
        .collect();
    let points: Vec<_> = (charts::measured(&result.latencies).into_iter())
        .flat_map(|one| one.curve.iter().map(move |point| (one, point)))
        .map(|(one, (quantile, value))| vec![one.name.clone(), short(quantile * 100.0), figure(*value)])
        .collect();
    let heads = ["second", "due", "delivered", "p50 ms", "p99 ms", "max ms"];
    for (heading, table) in [
        ("Every second", table::html(&heads, &seconds)),
        ("Every percentile", table::html(&["latency", "percentile", "ms"], &points)),
    ] {
        if !table.is_empty() {
            let _ = writeln!(out, "<details><summary>{heading}</summary>\n{table}</details>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::result::{Distribution, ProcessUse};

    /// That every element that is opened is closed, in order.
    fn assert_well_formed(page: &str) {
        let mut open: Vec<&str> = Vec::new();
        for tag in page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
            let name = tag.split([' ', '\n', '/']).next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "closed in order");
            } else if !tag.ends_with('/') && !["!DOCTYPE", "meta"].contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "still open: {open:?}");
        assert!(!page.contains("NaN") && !page.contains("inf,") && !page.contains(" inf"));
    }

    #[test]
    fn a_page_shows_everything_and_needs_nothing_else() {
        let page = html(&samples::run());
        assert_well_formed(&page);
        for part in [
            "Latency by percentile",
            "99.9 %",
            "Histogram of delivery",
            "Latency of deliveries",
            "edge-1 was killed",
            "Stages of a delivery",
            "Processors",
            "MiB",
            "projector_behind_s",
            "message 17 of room 4 was lost",
            "1 of 3 objectives missed",
            "prefers-color-scheme: dark",
        ] {
            assert!(page.contains(part), "{part:?} is missing");
        }
        for outside in ["<script", "http://", "https://", "url(", "@import"] {
            assert!(!page.contains(outside), "{outside:?} is in the page");
        }
    }

    #[test]
    fn no_text_of_a_run_is_markup() {
        let page = html(&samples::with_text_everywhere("</title><script>alert(\"1\")</script>'&"));
        assert_well_formed(&page);
        assert!(!page.contains("<script") && !page.contains("alert(\"1"));
        assert!(page.matches("&lt;script&gt;").count() > 30);
    }

    #[test]
    fn runs_of_nothing_have_a_page_that_says_so() {
        for run in [RunResult::default(), samples::without_samples()] {
            let page = html(&run);
            assert_well_formed(&page);
            assert!(page.contains("No latency was measured."));
        }
    }

    #[test]
    fn a_sample_alone_and_values_that_are_none_are_drawn() {
        let mut run = samples::run();
        let mut alone = hdrhistogram::Histogram::<u64>::new(3).unwrap();
        alone.record(0).unwrap();
        run.latencies = vec![Distribution::of("ack", &alone)];
        run.timeline[3].p50 = f64::NAN;
        run.timeline[4].max = f64::INFINITY;
        run.faults[0].at = -1.0;
        run.faults[1].at = 1e9;
        run.machine.cores = 0;
        assert_well_formed(&html(&run));
    }

    #[test]
    fn many_processes_and_long_runs_stay_in_bounds() {
        let mut run = samples::run();
        run.processes = (0..40).map(|index| samples::process(&format!("edge-{index}"), index)).collect();
        let process = ProcessUse {
            samples: (0..20_000)
                .map(|at| crate::result::UseSample { at: f64::from(at), ..Default::default() })
                .collect(),
            ..ProcessUse::default()
        };
        run.processes.push(process);
        let page = html(&run);
        assert_well_formed(&page);
        assert!(page.len() < 1_500_000, "{} bytes", page.len());
    }

    #[test]
    fn violations_beyond_what_anybody_reads_are_counted() {
        let violations = (0..2500).map(|number| format!("number {number}.")).collect();
        let page = html(&RunResult { violations, ..RunResult::default() });
        assert!(page.contains("number 999.") && !page.contains("number 1000."));
        assert!(page.contains("the first 1000 of 2,500"));
    }
}
