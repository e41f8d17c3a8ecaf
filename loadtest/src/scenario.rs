//! The scenarios by name, and what they have in common: a system under test, and where the report goes.

use std::path::PathBuf;

use anyhow::Result;

use crate::report::Report;
use crate::steady::{self, Steady};

/// What is run.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Scenario {
    /// Rooms of two in which both sides write at a steady rate.
    Steady(Steady),
}

/// Where a report goes besides the terminal.
#[derive(Debug, clap::Args)]
pub(crate) struct Output {
    /// Write the report as JSON, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Scenario {
    /// Runs it. Whether the hub kept its promises.
    pub(crate) async fn run(self) -> Result<bool> {
        match self {
            Self::Steady(options) => {
                let report = steady::run(&options).await?;
                options.output.publish(&report)
            }
        }
    }
}

impl Output {
    fn publish(&self, report: &Report) -> Result<bool> {
        print!("{report}");
        if let Some(file) = &self.json {
            std::fs::write(file, serde_json::to_vec_pretty(report)?)?;
        }
        Ok(report.kept())
    }
}
