//! Every fault in turn, of every kind of node: each under steady load with the checker on, on hosts of their own, in a run
//! by itself; and what they did as one table.

mod case;
mod row;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_testkit::network;

use crate::step::Step;
use case::Case;
use row::Row;

/// Time before a fault and after it is mended, in seconds.
const BEFORE: u64 = 4;
const AFTER: u64 = 12;
/// What starting, settling and checking may take beside the measured time, in seconds.
const AROUND: u64 = 180;

/// Arguments of `faults`.
#[derive(Debug, clap::Args)]
pub(crate) struct Ordeals {
    /// Only these, as kill:edge, kill or edge; several times for several.
    #[arg(long, value_name = "FAULT:NODE")]
    only: Vec<String>,
    /// Name the faults and end.
    #[arg(long)]
    list: bool,
    /// Messages per second.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Conversations, each of a customer and an agent.
    #[arg(long, default_value_t = 50)]
    rooms: usize,
    /// How long each fault lasts, in seconds.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// A setting of every node, such as `nats.publish_timeout_ms=2000`; several times for several.
    #[arg(long, value_name = "SETTING=VALUE")]
    hub: Vec<String>,
    /// Where every result goes, and the table, `faults.md` and `faults.json`.
    #[arg(long, value_name = "DIR", default_value = "loadtest-results/faults")]
    out: PathBuf,
}

impl Ordeals {
    /// Makes them, and prints the table. Whether every promise was kept.
    pub(crate) async fn carry_out(&self) -> Result<bool> {
        let cases = case::wanted(&self.only)?;
        if self.list {
            for case in &cases {
                println!("{:<26}{}", case.name(), case.left_out.as_deref().unwrap_or(case.what));
            }
            return Ok(true);
        }
        network::check().map_err(anyhow::Error::msg)?;
        fs::create_dir_all(&self.out)?;
        let mut rows = Vec::new();
        for (number, case) in cases.iter().enumerate() {
            eprintln!("{} of {}: {}", number + 1, cases.len(), case.name());
            let row = tokio::select! {
                row = self.carry_out_one(case) => row?,
                interrupted = tokio::signal::ctrl_c() => {
                    interrupted?;
                    anyhow::bail!("interrupted");
                }
            };
            eprintln!("    {}", row.told());
            rows.push(row);
            // Whoever ends this early has what was found so far.
            fs::write(self.out.join("faults.json"), serde_json::to_vec_pretty(&rows)?)?;
            fs::write(self.out.join("faults.md"), row::table(&rows))?;
        }
        print!("{}", row::table(&rows));
        Ok(rows.iter().all(Row::is_kept))
    }

    async fn carry_out_one(&self, case: &Case) -> Result<Row> {
        if let Some(why) = &case.left_out {
            return Ok(Row::left_out(case, why));
        }
        let measured = BEFORE + self.seconds + AFTER;
        let mut arguments = format!(
            "run hosts --set rate={} --set rooms={} --set seconds={measured} --fault {}@{BEFORE}s+{}s",
            self.rate, self.rooms, case.fault, self.seconds
        );
        for setting in &self.hub {
            arguments.push_str(" --hub ");
            arguments.push_str(setting);
        }
        let name = case.name().replace(':', "-");
        let step = Step { name: &name, arguments: &arguments, limit: measured + AROUND };
        match step.run(&self.out, Duration::from_secs(step.limit)).await {
            Ok(_) => {
                let result = step.result(&self.out, "hosts").context("the run left no result")?;
                Ok(Row::of(case, &result))
            }
            Err(error) => Ok(Row::failed(case, &format!("{error:#}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn every_fault_is_one_that_a_run_knows() {
        for case in case::wanted(&[]).expect("all of them") {
            let fault = format!("{}@4s+8s", case.fault);
            let arguments = ["confab-loadtest", "run", "hosts", "--fault", &fault];
            let parsed = crate::Cli::try_parse_from(arguments);
            assert!(parsed.is_ok(), "{}: {:?}", case.name(), parsed.err());
            let fault = fault.parse().expect("a fault");
            let scenario = crate::scenario::Scenario::load("hosts", &[]).expect("the scenario");
            scenario.system.check(&[fault]).expect("the hub has what the fault is of");
        }
    }
}
