//! Which configuration a command reads, and which data directory it means.

use std::path::{Path, PathBuf};

use anyhow::Result;
use confab_config::Config;

/// The configuration file.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ConfigFile {
    /// Configuration file; without it the one that `CONFAB_CONFIG` names, if any.
    #[arg(long = "config", value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Configuration and data directory.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Place {
    #[command(flatten)]
    config: ConfigFile,
    /// Data directory of `confab all`.
    #[arg(long, value_name = "DIR", env = "CONFAB_DATA", default_value = "confab-data")]
    data: PathBuf,
}

impl ConfigFile {
    /// Reads and checks all layers.
    pub(super) fn load(&self) -> Result<Config> {
        Ok(Config::load(self.file.as_deref())?)
    }
}

impl Place {
    /// Reads and checks all layers.
    pub(super) fn load(&self) -> Result<Config> {
        self.config.load()
    }

    /// The data directory.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}
