//! The table of targets: what each row takes from which run, and whether that is enough.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::result::RunResult;
use crate::versus::Figures;

use crate::step::Step;

/// What the runs have left.
#[derive(Debug, Default)]
pub(super) struct Found {
    results: BTreeMap<String, RunResult>,
    failures: BTreeMap<&'static str, String>,
}

/// The table.
pub(super) struct Table {
    pub(super) text: String,
    pub(super) all_met: bool,
}

/// One row.
struct Row {
    what: &'static str,
    target: String,
    found: Option<String>,
    floor: Option<String>,
    peer: Option<String>,
    met: bool,
    run: &'static str,
}

/// Files of `versus`.
const HUB_ALWAYS: &str = "versus/1-confabsyncalways";
const HUB_DEFAULT: &str = "versus/1-confabsyncdefault";
const FLOOR_ALWAYS: &str = "versus/1-floorsyncalways";
const FLOOR_DEFAULT: &str = "versus/1-floorsyncdefault";
const PEER: &str = "versus/1-SocketIOPostgreSQL";

impl Found {
    /// Reads what is there.
    pub(super) fn read(out: &Path, steps: &[Step], failures: BTreeMap<&'static str, String>) -> Self {
        let mut results = BTreeMap::new();
        let versus = [HUB_ALWAYS, HUB_DEFAULT, FLOOR_ALWAYS, FLOOR_DEFAULT, PEER];
        for step in steps {
            let scenario = step.arguments.split_whitespace().nth(1).unwrap_or_default();
            if let Some(result) = step.result(out, scenario) {
                results.insert(step.name.to_owned(), result);
            }
            for name in versus.iter().filter_map(|name| name.strip_prefix(step.name)?.strip_prefix('/')) {
                if let Some(result) = step.result(out, name) {
                    results.insert(format!("{}/{name}", step.name), result);
                }
            }
        }
        Self { results, failures }
    }

    fn value(&self, run: &str, figure: &str) -> Option<f64> {
        self.results.get(run)?.value(figure)
    }

    /// Everything, as Markdown.
    pub(super) fn table(&self) -> Table {
        let rows = self.rows();
        let mut text =
            String::from("| what | target | found | floor | peer | | run |\n|---|---|---|---|---|---|---|\n");
        for Row { what, target, found, floor, peer, met, run } in &rows {
            let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
            let judged = match found {
                Some(_) if *met => "met",
                Some(_) => "missed",
                None => "not measured",
            };
            // Writing to a text does not fail.
            let _ = writeln!(
                text,
                "| {what} | {target} | {} | {} | {} | {judged} | `{run}` |",
                cell(found),
                cell(floor),
                cell(peer)
            );
        }
        for (run, failure) in &self.failures {
            let _ = writeln!(text, "\n`{run}`: {failure}");
        }
        let bound =
            self.results.iter().filter_map(|(run, result)| Some((run, result.generator_bound.as_ref()?)));
        for (run, why) in bound {
            let _ = writeln!(
                text,
                "\n`{run}`: the figures say more of the load test than of what it measures: {why}"
            );
        }
        Table { text, all_met: rows.iter().all(|row| row.met) }
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = vec![
            self.delivery(
                "delivery at 2,000 msg/s, default sync: p50 / p99 / p99.9 ms",
                [0.5, 5.0, 25.0],
                HUB_DEFAULT,
                FLOOR_DEFAULT,
            ),
            self.delivery(
                "the same with every write synced: p50 / p99 / p99.9 ms",
                [0.8, 5.0, 25.0],
                HUB_ALWAYS,
                FLOOR_ALWAYS,
            ),
            self.at_least(
                "msg/s for a minute with p99 < 100 ms, every write synced",
                10_000.0,
                "ramp-always",
                "held_messages_per_s",
                "floor-always",
            ),
            self.at_least(
                "the same, default sync",
                15_000.0,
                "ramp-default",
                "held_messages_per_s",
                "floor-default",
            ),
            self.at_least(
                "msg/s with the projector keeping up",
                4000.0,
                "ramp-default",
                "kept_up_messages_per_s",
                "",
            ),
            self.ratio(
                "median over the floor's, default sync",
                |figures| figures.p50,
                HUB_DEFAULT,
                FLOOR_DEFAULT,
            ),
            self.ratio(
                "CPU over the floor's, default sync, without the projector's share",
                |figures| figures.cpu_of_delivery,
                HUB_DEFAULT,
                FLOOR_DEFAULT,
            ),
            self.cpu(),
            self.at_most(
                "KiB of an edge for each idle connection with one channel, at 10,000",
                6.0,
                1024.0,
                "connections-10000",
                &["edge_bytes_per_connection"],
            ),
            self.at_most(
                "connect and join, 1,000/s: p99 ms",
                5.0,
                1.0,
                "connections-10000",
                &["connect.p99"],
            ),
            self.at_most(
                "`chat/start` to both holding `new_chat`, 200/s: p99 ms",
                50.0,
                1.0,
                "assignment",
                &["assigned.p99"],
            ),
            self.at_most(
                "freed slot to the next `new_chat`: p99 ms",
                50.0,
                1.0,
                "assignment",
                &["refill.p99"],
            ),
            self.at_most(
                "10,000 clients whose edge is killed, all resumed after: s",
                10.0,
                1.0,
                "storm",
                &["all_resumed_s"],
            ),
            self.at_most("those of them who did not resume", 0.0, 1.0, "storm", &["not_resumed"]),
            self.at_most("delivery to the others meanwhile: p99 ms", 100.0, 1.0, "storm", &["others.p99"]),
            self.at_most(
                "search over 1,000,000 messages, rare and common words: p95 ms",
                100.0,
                1.0,
                "search",
                &["search_p95_ms"],
            ),
            self.at_most("history page of 50: p99 ms", 5.0, 1.0, "search", &["history.p99"]),
            self.at_least("msg/s of the projector", 5000.0, "backlog", "projected_per_s", ""),
        ];
        rows.extend(self.growth());
        rows.push(self.promises());
        rows
    }

    fn delivery(&self, what: &'static str, target: [f64; 3], hub: &str, floor: &str) -> Row {
        let three = |run: &str| {
            let value = |figure| self.value(run, figure);
            Some([value("delivery.p50")?, value("delivery.p99")?, value("delivery.p999")?])
        };
        let found = three(hub);
        let is_met = |found: [f64; 3]| found.iter().zip(&target).all(|(found, target)| found <= target);
        Row {
            what,
            target: joined(target),
            found: found.map(joined),
            floor: three(floor).map(joined),
            peer: three(PEER).map(joined),
            met: found.is_some_and(is_met),
            run: "versus",
        }
    }

    fn at_least(&self, what: &'static str, target: f64, run: &'static str, figure: &str, floor: &str) -> Row {
        let found = self.value(run, figure);
        Row {
            what,
            target: format!("≥ {target:.0}"),
            found: found.map(|found| format!("{found:.0}")),
            floor: self.value(floor, "knee_messages_per_s").map(|knee| format!("{knee:.0}")),
            peer: self
                .value("peer-knee", "knee_messages_per_s")
                .filter(|_| !floor.is_empty())
                .map(|knee| format!("{knee:.0}")),
            met: found.is_some_and(|found| found >= target),
            run,
        }
    }

    /// The largest of the figures, in units of `unit`.
    fn at_most(
        &self,
        what: &'static str,
        target: f64,
        unit: f64,
        run: &'static str,
        figures: &[&str],
    ) -> Row {
        let values: Option<Vec<f64>> = figures.iter().map(|figure| self.value(run, figure)).collect();
        let found = values.and_then(|values| values.into_iter().reduce(f64::max)).map(|value| value / unit);
        Row {
            what,
            target: format!("≤ {}", short(target)),
            found: found.map(short),
            floor: None,
            peer: None,
            met: found.is_some_and(|found| found <= target),
            run,
        }
    }

    fn ratio(&self, what: &'static str, figure: fn(&Figures) -> f64, hub: &str, floor: &str) -> Row {
        let of = |run: &str| Some(figure(&Figures::of(self.results.get(run)?)));
        let ratio = |run: &str| Some(of(run)? / of(floor)?).filter(|ratio| ratio.is_finite());
        let found = ratio(hub);
        Row {
            what,
            target: "≤ 1.5".to_owned(),
            found: found.map(short),
            floor: of(floor).map(|_| "1".to_owned()),
            peer: ratio(PEER).map(short),
            met: found.is_some_and(|found| found <= 1.5),
            run: "versus",
        }
    }

    fn cpu(&self) -> Row {
        let of =
            |run: &str| Some(Figures::of(self.results.get(run)?)).filter(|figures| figures.cpu.is_finite());
        let found = of(HUB_DEFAULT);
        Row {
            what: "CPU s per million delivered at 2,000 msg/s, edges and NATS (with worker and database)",
            target: "≤ 300".to_owned(),
            found: found.map(|found| format!("{:.0} ({:.0})", found.cpu_of_delivery, found.cpu)),
            floor: of(FLOOR_DEFAULT).map(|floor| format!("{:.0}", floor.cpu)),
            peer: of(PEER).map(|peer| format!("{:.0}", peer.cpu)),
            met: found.is_some_and(|found| found.cpu_of_delivery <= 300.0),
            run: "versus",
        }
    }

    /// Costs at 1,000, 10,000 and 20,000 connections side by side. Flat is less than twice the first, linear memory is
    /// not more for each than 1.2 times that of the first.
    fn growth(&self) -> [Row; 2] {
        let runs = ["connections-1000", "connections-10000", "connections-20000"];
        let series =
            |figure: &str| runs.iter().map(|run| self.value(run, figure)).collect::<Option<Vec<f64>>>();
        let row = |what, figure: &str, unit: f64, factor: f64, target: &str| {
            let values =
                series(figure).map(|values| values.iter().map(|value| value / unit).collect::<Vec<f64>>());
            let grows_little = |values: &Vec<f64>| values.iter().all(|value| *value <= values[0] * factor);
            Row {
                what,
                target: target.to_owned(),
                met: values.as_ref().is_some_and(grows_little),
                found: values.map(|values| values.into_iter().map(short).collect::<Vec<_>>().join(" / ")),
                floor: None,
                peer: None,
                run: "connections-1000",
            }
        };
        [
            row(
                "delivery beside 1,000 / 10,000 / 20,000 connections: p50 ms",
                "delivery.p50",
                1.0,
                2.0,
                "flat (≤ 2 ×)",
            ),
            row(
                "KiB of an edge for each of them",
                "edge_bytes_per_connection",
                1024.0,
                1.2,
                "linear (≤ 1.2 × each)",
            ),
        ]
    }

    fn promises(&self) -> Row {
        fn is_hub(run: &str) -> bool {
            !run.contains("floor") && !run.contains("Socket") && run != "peer-knee"
        }
        let hub = || self.results.iter().filter(|(run, _)| is_hub(run));
        let broken: usize = hub().map(|(_, result)| result.violations.len()).sum();
        Row {
            what: "lost, doubled, reordered, claimed twice, above capacity, in all runs of the hub",
            target: "0".to_owned(),
            found: (hub().count() > 0).then(|| broken.to_string()),
            floor: None,
            peer: self.results.get(PEER).map(|peer| peer.violations.len().to_string()),
            met: hub().count() > 0 && broken == 0,
            run: "all",
        }
    }
}

fn joined(values: [f64; 3]) -> String {
    values.map(short).join(" / ")
}

/// Three digits that matter.
fn short(value: f64) -> String {
    if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{Distribution, ProcessUse};

    fn delivered(p50: f64, cpu_seconds: f64) -> RunResult {
        let latency = Distribution {
            name: "delivery".to_owned(),
            count: 1,
            p50,
            p99: 4.0,
            p999: 9.0,
            ..Distribution::default()
        };
        let process = ProcessUse { name: "edge-1".to_owned(), cpu_seconds, ..ProcessUse::default() };
        let mut result =
            RunResult { latencies: vec![latency], processes: vec![process], ..RunResult::default() };
        result.counts.insert("delivered".to_owned(), 1_000_000);
        result
    }

    fn row<'a>(text: &'a str, what: &str) -> &'a str {
        text.lines().find(|line| line.contains(what)).expect(what)
    }

    #[test]
    fn what_was_found_is_held_against_its_target_and_what_was_not_is_said() {
        let mut found = Found::default();
        found.results.insert(HUB_DEFAULT.to_owned(), delivered(0.45, 290.0));
        found.results.insert(FLOOR_DEFAULT.to_owned(), delivered(0.25, 200.0));
        let mut ramp = RunResult::default();
        ramp.figures.insert("held_messages_per_s".to_owned(), 9000.0);
        found.results.insert("ramp-always".to_owned(), ramp);
        found.failures.insert("storm", "it took too long".to_owned());
        let table = found.table();
        assert!(!table.all_met);
        assert!(
            row(&table.text, "default sync: p50")
                .contains("| 0.45 / 4.00 / 9.00 | 0.25 / 4.00 / 9.00 | – | met |")
        );
        assert!(row(&table.text, "median over").contains("| 1.80 | 1 | – | missed |"));
        assert!(row(&table.text, "CPU s per million").contains("| 290 (290) | 200 |"));
        assert!(row(&table.text, "for a minute").contains("| ≥ 10000 | 9000 | – | – | missed |"));
        assert!(row(&table.text, "new_chat`, 200/s").contains("not measured"));
        assert!(table.text.contains("`storm`: it took too long"));
    }

    #[test]
    fn growth_is_judged_by_the_smallest() {
        let mut found = Found::default();
        for (run, p50) in [("connections-1000", 1.0), ("connections-10000", 1.9), ("connections-20000", 2.1)]
        {
            found.results.insert(run.to_owned(), delivered(p50, 0.0));
        }
        assert!(
            row(&found.table().text, "delivery beside").contains("| 1.00 / 1.90 / 2.10 | – | – | missed |")
        );
    }
}
