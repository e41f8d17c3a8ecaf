//! Faults as people write them: a table of a scenario file, or a word on the command line.

use std::str::FromStr;
use std::time::Duration;

use confab_testkit::network::Condition;
use serde::Deserialize;

use super::{Action, Breach, Fault, FaultSpec};

/// How it is written, for those who wrote it otherwise.
const EXAMPLES: &str = "write a fault as kill:edge-1@5s+3s, pause:database@5s+3s, cut:edge-1:nats@5s+3s, \
                        hold:client:edge-1@5s+3s or delay=100ms:worker-1:database@5s+3s, and on hosts of their own as \
                        partition:edge-1@5s+3s, delay=100ms:edge-1@5s+3s, loss=5%:edge-1@5s+3s, fill:database@5s+3s or \
                        step=3600s:edge-1@5s+3s: what, where, when, for how long";

/// A fault in a scenario file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    at: f64,
    #[serde(default)]
    process: Option<String>,
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    host: Option<String>,
    action: String,
    #[serde(default)]
    delay_ms: Option<u64>,
    #[serde(default)]
    percent: Option<u8>,
    #[serde(default)]
    step_s: Option<i64>,
    #[serde(default)]
    seconds: Option<f64>,
}

impl TryFrom<Fields> for FaultSpec {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { at, process, link, host, action, delay_ms, percent, step_s, seconds } = fields;
        let value = match (delay_ms, percent, step_s) {
            (None, None, None) => None,
            (Some(delay), None, None) => Some(format!("{delay}ms")),
            (None, Some(percent), None) => Some(format!("{percent}%")),
            (None, None, Some(step)) => Some(format!("{step}s")),
            _ => return Err("a fault has one of delay_ms, percent and step_s".into()),
        };
        let fault = match (&process, &link, &host) {
            (Some(process), None, None) => at_process(&action, value.as_deref(), process)?,
            (None, Some(link), None) => {
                let (from, to) =
                    link.split_once(':').ok_or_else(|| format!("{link:?} is no link such as edge-1:nats"))?;
                at_link(&action, value.as_deref(), from, to)?
            }
            (None, None, Some(host)) => at_host(&action, value.as_deref(), host)?,
            _ => return Err("a fault has either a process, a link or a host".into()),
        };
        Self { at, fault, seconds }.checked()
    }
}

impl FromStr for FaultSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no fault; {EXAMPLES}");
        let (what, when) = text.split_once('@').ok_or_else(wrong)?;
        let (at, seconds) = match when.split_once('+') {
            Some((at, seconds)) => (at, Some(seconds_of(seconds).ok_or_else(wrong)?)),
            None => (when, None),
        };
        let at = seconds_of(at).ok_or_else(wrong)?;
        let mut parts = what.split(':');
        let action = parts.next().unwrap_or_default();
        let (action, value) = match action.split_once('=') {
            Some((action, value)) => (action, Some(value)),
            None => (action, None),
        };
        let fault = match parts.collect::<Vec<_>>().as_slice() {
            [place] => at_process(action, value, place).or_else(|_| at_host(action, value, place)),
            [from, to] => at_link(action, value, from, to),
            _ => return Err(wrong()),
        };
        let fault = fault.map_err(|_| wrong())?;
        Self { at, fault, seconds }.checked()
    }
}

impl FaultSpec {
    fn checked(self) -> Result<Self, String> {
        let is_time = |seconds: &f64| seconds.is_finite() && (0.0..=86_400.0).contains(seconds);
        if !is_time(&self.at) || !self.seconds.as_ref().is_none_or(is_time) {
            return Err("times of faults are seconds from 0 to a day".into());
        }
        if let Fault::Link(from, to, _) = &self.fault {
            let is_node = |name: &str| name.starts_with("edge-") || name.starts_with("worker-");
            let stands = match to.as_str() {
                "nats" | "database" => is_node(from),
                edge => edge.starts_with("edge-") && from == "client",
            };
            if !stands {
                return Err(format!(
                    "there is no link from {from} to {to}: there are those of edge-1, worker-1 and so on to nats and \
                     database, and those of client to edge-1 and so on"
                ));
            }
        }
        Ok(self)
    }
}

fn at_process(action: &str, value: Option<&str>, name: &str) -> Result<Fault, String> {
    let name = name.to_owned();
    match (action, value) {
        ("kill", None) => Ok(Fault::Process(name, Action::Kill)),
        ("pause", None) => Ok(Fault::Process(name, Action::Pause)),
        ("restart", None) => Ok(Fault::Process(name, Action::Restart)),
        ("fill", None) => Ok(Fault::Disk(name)),
        ("step", Some(step)) => match step.strip_suffix('s').and_then(|step| step.parse().ok()) {
            Some(step) if (-86_400..=86_400).contains(&step) => Ok(Fault::Clock(name, step)),
            _ => Err("a step needs step_s, a day at most".into()),
        },
        _ => {
            Err(format!("{action:?} can't be done to a process, but kill, pause, restart, fill and step can"))
        }
    }
}

fn at_link(action: &str, value: Option<&str>, from: &str, to: &str) -> Result<Fault, String> {
    let breach = match (action, value) {
        ("cut", None) => Breach::Cut,
        ("hold", None) => Breach::Hold,
        ("delay", value) => Breach::Delay(delay_of(value)?),
        _ => return Err(format!("{action:?} can't be done to a link, but cut, hold and delay can")),
    };
    Ok(Fault::Link(from.to_owned(), to.to_owned(), breach))
}

fn at_host(action: &str, value: Option<&str>, name: &str) -> Result<Fault, String> {
    let condition = match (action, value) {
        ("partition", None) => Condition::Cut,
        ("delay", value) => Condition::Delayed(delay_of(value)?),
        ("loss", Some(value)) => {
            let percent = value.strip_suffix('%').and_then(|percent| percent.parse().ok());
            let percent = percent.filter(|percent| (1..=99).contains(percent));
            Condition::Lossy(percent.ok_or("a loss needs percent, from 1 to 99")?)
        }
        _ => return Err(format!("{action:?} can't be done to a host, but partition, delay and loss can")),
    };
    Ok(Fault::Host(name.to_owned(), condition))
}

fn delay_of(value: Option<&str>) -> Result<Duration, String> {
    let delay = value.and_then(|value| value.strip_suffix("ms")).and_then(|delay| delay.parse().ok());
    let delay = delay.filter(|delay| *delay <= 60_000).map(Duration::from_millis);
    delay.ok_or_else(|| "a delay needs delay_ms, a minute at most".into())
}

/// `5s`, `2.5s`, `5`.
fn seconds_of(text: &str) -> Option<f64> {
    text.strip_suffix('s').unwrap_or(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(breach: Breach) -> Fault {
        Fault::Link("edge-1".to_owned(), "nats".to_owned(), breach)
    }

    fn host(condition: Condition) -> Fault {
        Fault::Host("nats-leader".to_owned(), condition)
    }

    #[test]
    fn a_word_says_what_where_when_and_for_how_long() {
        for (text, fault, at, seconds) in [
            ("kill:edge-1@5s+3s", Fault::Process("edge-1".to_owned(), Action::Kill), 5.0, Some(3.0)),
            ("pause:nats@0.5", Fault::Process("nats".to_owned(), Action::Pause), 0.5, None),
            ("cut:edge-1:nats@5s+3s", link(Breach::Cut), 5.0, Some(3.0)),
            ("hold:edge-1:nats@5s+0s", link(Breach::Hold), 5.0, Some(0.0)),
            ("delay=100ms:edge-1:nats@5s", link(Breach::Delay(Duration::from_millis(100))), 5.0, None),
            (
                "restart:worker-1@5s+1s",
                Fault::Process("worker-1".to_owned(), Action::Restart),
                5.0,
                Some(1.0),
            ),
            ("partition:nats-leader@5s+3s", host(Condition::Cut), 5.0, Some(3.0)),
            ("delay=9ms:nats-leader@5s", host(Condition::Delayed(Duration::from_millis(9))), 5.0, None),
            ("loss=5%:nats-leader@5s", host(Condition::Lossy(5)), 5.0, None),
            ("fill:database@5s+3s", Fault::Disk("database".to_owned()), 5.0, Some(3.0)),
            ("step=-60s:edge-1@5s+3s", Fault::Clock("edge-1".to_owned(), -60), 5.0, Some(3.0)),
        ] {
            assert_eq!(text.parse(), Ok(FaultSpec { at, fault, seconds }), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in [
            "",
            "edge-1",
            "kill:edge-1",
            "cut:edge-1@5s",
            "kill:edge-1:nats@5s",
            "delay:edge-1:nats@5s",
            "delay=1s:edge-1:nats@5s",
            "kill:edge-1@soon",
            "kill=5ms:edge-1@5s",
            "cut:a:b:c@5s",
            "delay:edge-1@5s",
            "loss:edge-1@5s",
            "loss=100%:edge-1@5s",
            "step=3600:edge-1@5s",
            "partition:edge-1:nats@5s",
        ] {
            let refused = text.parse::<FaultSpec>().expect_err(text);
            assert!(refused.contains("cut:edge-1:nats@5s+3s"), "{text}: {refused}");
        }
        for text in ["cut:edge-1:worker-1@5s", "cut:client:nats@1s", "kill:edge-1@-1s", "kill:edge-1@infs"] {
            assert!(text.parse::<FaultSpec>().is_err(), "{text}");
        }
    }
}
