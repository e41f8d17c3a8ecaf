//! `confab config`: checks, explains and shows the configuration.

use std::process::ExitCode;

use anyhow::Result;
use confab_config::Config;

use super::place::ConfigFile;
use super::print;

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Read and check all layers, and start nothing.
    Check {
        #[command(flatten)]
        config: ConfigFile,
        /// Check also what `confab edge` and `confab worker` need.
        #[arg(long)]
        separate_roles: bool,
    },
    /// Print the JSON schema of the configuration file.
    Schema,
    /// Show what comes of all layers. Secrets are not shown.
    Show {
        #[command(flatten)]
        config: ConfigFile,
    },
}

pub(super) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Check { config, separate_roles } => {
            let config = config.load()?;
            if separate_roles {
                config.validate_for_separate_role()?;
            }
            print("the configuration is fine");
        }
        Command::Schema => print(&serde_json::to_string_pretty(&Config::schema())?),
        Command::Show { config } => print(&format!("{:#?}", config.load()?)),
    }
    Ok(ExitCode::SUCCESS)
}
