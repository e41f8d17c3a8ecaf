//! Scenario files: what is done, to which system, with which faults, and what must come of it. Read from TOML; single
//! values can be set anew on the command line.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use figment::Figment;
use figment::providers::{Format as _, Toml};
use serde::Deserialize;

use crate::faults::FaultSpec;
use crate::objective::Objective;
use crate::system::SystemSpec;
use crate::work::Work;

/// The scenarios that come with the suite.
const BUILT_IN: [(&str, &str); 12] = [
    ("steady", include_str!("../scenarios/steady.toml")),
    ("ramp", include_str!("../scenarios/ramp.toml")),
    ("burst", include_str!("../scenarios/burst.toml")),
    ("reconnect-storm", include_str!("../scenarios/reconnect-storm.toml")),
    ("assignment", include_str!("../scenarios/assignment.toml")),
    ("fanout", include_str!("../scenarios/fanout.toml")),
    ("connections", include_str!("../scenarios/connections.toml")),
    ("search", include_str!("../scenarios/search.toml")),
    ("reports", include_str!("../scenarios/reports.toml")),
    ("backlog", include_str!("../scenarios/backlog.toml")),
    ("hosts", include_str!("../scenarios/hosts.toml")),
    ("soak", include_str!("../scenarios/soak.toml")),
];

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// What it is for.
    pub(crate) description: String,
    /// What is done.
    pub(crate) work: Work,
    /// The hub that is started for it.
    #[serde(default)]
    pub(crate) system: SystemSpec,
    /// What must come of it.
    #[serde(default)]
    pub(crate) objectives: Vec<Objective>,
    /// What goes wrong on purpose.
    #[serde(default)]
    pub(crate) faults: Vec<FaultSpec>,
}

impl Scenario {
    /// A built-in scenario by name, or a file by path, with values set anew: `rate=500` or `system.edges=3`.
    pub(crate) fn load(name: &str, changes: &[String]) -> Result<Self> {
        let file = Path::new(name);
        let mut figment = match BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
            Some((_, text)) => Figment::from(Toml::string(text)),
            None if file.is_file() => Figment::from(Toml::file(file)),
            None => bail!("there is no scenario or file {name:?}; the scenarios are {}", names().join(", ")),
        };
        for change in changes {
            let (key, value) = change.split_once('=').context("changes are written as key=value")?;
            let key = if key.contains('.') { key.to_owned() } else { format!("work.{key}") };
            figment = figment.merge(Toml::string(&format!("{key} = {}", literal(value))));
        }
        figment.extract().with_context(|| format!("the scenario {name} can't be read"))
    }
}

/// Names of the scenarios that come with the suite.
pub(crate) fn names() -> Vec<&'static str> {
    BUILT_IN.iter().map(|(name, _)| *name).collect()
}

/// Numbers, truth values and lists as they are; anything else is text.
fn literal(value: &str) -> String {
    let is_literal =
        value.parse::<f64>().is_ok() || ["true", "false"].contains(&value) || value.starts_with('[');
    if is_literal { value.to_owned() } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_scenario_can_be_read() {
        for name in names() {
            let scenario = Scenario::load(name, &[]).expect(name);
            assert!(!scenario.description.is_empty() && !scenario.objectives.is_empty(), "{name}");
        }
    }

    #[test]
    fn values_are_set_anew() {
        let changes = ["rate=77", "system.edges=3", "system.sync=default"].map(str::to_owned);
        let scenario = Scenario::load("steady", &changes).expect("it is read");
        let Work::Steady(steady) = &scenario.work else { panic!("another scenario") };
        assert_eq!((steady.rate, scenario.system.edges), (77, 3));
    }

    #[test]
    fn what_is_unknown_is_refused() {
        for change in ["speed=1", "system.planets=3", "rate=many"] {
            assert!(Scenario::load("steady", &[change.to_owned()]).is_err(), "{change}");
        }
        assert!(Scenario::load("nothing", &[]).is_err());
    }
}
