//! What the design promises, measured: the runs that the table of targets needs, one after the other, each bounded, and the
//! table itself as Markdown, with what the floor and the peer came to in the same runs.

mod rows;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::step::Step;
use rows::Found;

/// All runs together. What does not fit any more is left out and said so.
const LIMIT: Duration = Duration::from_mins(25);

/// What matters most comes first.
const STEPS: [Step<'static>; 13] = [
    Step { name: "versus", arguments: "versus --rate 2000 --seconds 15 --rounds 1", limit: 420 },
    Step { name: "ramp-always", arguments: "run ramp --set hold_seconds=60", limit: 300 },
    Step {
        name: "ramp-default",
        arguments: "run ramp --set hold_seconds=60 --set from=2000 --set system.sync=default",
        limit: 300,
    },
    Step {
        name: "connections-10000",
        arguments: "run connections --set idle=10000 --set connects_per_second=1000 --set seconds=5",
        limit: 120,
    },
    Step {
        name: "assignment",
        arguments: "run assignment --set starts_per_second=200 --set agents=100 --set customers=400 \
                    --set system.sync=default",
        limit: 150,
    },
    Step {
        name: "storm",
        arguments: "run reconnect-storm --set idle=10000 --set connects_per_second=1000",
        limit: 150,
    },
    Step { name: "backlog", arguments: "run backlog", limit: 120 },
    Step { name: "search", arguments: "run search --set messages=1000000", limit: 600 },
    Step {
        name: "connections-1000",
        arguments: "run connections --set idle=1000 --set connects_per_second=500 --set seconds=5",
        limit: 60,
    },
    Step {
        name: "connections-20000",
        arguments: "run connections --set idle=20000 --set connects_per_second=1000 --set seconds=5",
        limit: 180,
    },
    Step {
        name: "floor-always",
        arguments: "peer floor-sync-always --knee --seconds 5 --rate 4000",
        limit: 120,
    },
    Step { name: "floor-default", arguments: "peer floor --knee --seconds 5 --rate 8000", limit: 120 },
    Step {
        name: "peer-knee",
        arguments: "peer socketio-postgres --knee --seconds 5 --rate 1500",
        limit: 150,
    },
];

/// Arguments of `targets`.
#[derive(Debug, clap::Args)]
pub(crate) struct Targets {
    /// Only these runs, by name; several times for several. The others' results are taken from an earlier time, if there are.
    #[arg(long, value_name = "RUN")]
    only: Vec<String>,
    /// Where every result goes, and the table, `targets.md`.
    #[arg(long, value_name = "DIR", default_value = "loadtest-results/targets")]
    out: PathBuf,
}

impl Targets {
    /// Runs, and prints the table. Whether every target is met.
    pub(crate) async fn carry_out(&self) -> Result<bool> {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        if let Some(unknown) = self.only.iter().find(|name| !known.contains(&name.as_str())) {
            anyhow::bail!("there is no run {unknown:?}; the runs are {}", known.join(", "));
        }
        fs::create_dir_all(&self.out)?;
        let began = Instant::now();
        let mut failures = BTreeMap::new();
        for (number, step) in STEPS.iter().enumerate() {
            if !self.only.is_empty() && !self.only.iter().any(|name| name == step.name) {
                continue;
            }
            eprintln!("{} of {}: {}, {} s at most", number + 1, STEPS.len(), step.name, step.limit);
            let run = step.run(&self.out, LIMIT.saturating_sub(began.elapsed()));
            let done = tokio::select! {
                done = run => done,
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted?;
                    anyhow::bail!("interrupted");
                }
            };
            match done {
                Ok(took) => eprintln!("    done after {} s", took.as_secs()),
                Err(error) => {
                    eprintln!("    {error:#}");
                    failures.insert(step.name, format!("{error:#}"));
                }
            }
        }
        let found = Found::read(&self.out, &STEPS, failures);
        let table = found.table();
        fs::write(self.out.join("targets.md"), &table.text)?;
        print!("{}", table.text);
        Ok(table.all_met)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn every_run_is_one_that_this_program_knows() {
        for step in STEPS {
            let arguments = std::iter::once("confab-loadtest").chain(step.arguments.split_whitespace());
            let arguments: Vec<&str> = arguments.chain(["--out", "somewhere"]).collect();
            let parsed = crate::Cli::try_parse_from(&arguments);
            assert!(parsed.is_ok(), "{}: {:?}", step.name, parsed.err());
            if let ["run", scenario, rest @ ..] = &arguments[1..arguments.len() - 2] {
                let changes: Vec<String> =
                    rest.iter().filter(|one| **one != "--set").map(|one| (*one).to_owned()).collect();
                crate::scenario::Scenario::load(scenario, &changes).expect(step.name);
            }
        }
    }
}
