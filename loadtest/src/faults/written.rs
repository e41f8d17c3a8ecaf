//! Faults as people write them: a table of a scenario file, or a word on the command line.

use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::{Action, Breach, Fault, FaultSpec};

/// How it is written, for those who wrote it otherwise.
const EXAMPLES: &str = "write a fault as kill:edge-1@5s+3s, pause:database@5s+3s, cut:edge-1:nats@5s+3s, \
                        hold:client:edge-1@5s+3s or delay=100ms:worker-1:database@5s+3s: what, where, when, for how long";

/// A fault in a scenario file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    at: f64,
    #[serde(default)]
    process: Option<String>,
    #[serde(default)]
    link: Option<String>,
    action: String,
    #[serde(default)]
    delay_ms: Option<u64>,
    #[serde(default)]
    seconds: Option<f64>,
}

impl TryFrom<Fields> for FaultSpec {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { at, process, link, action, delay_ms, seconds } = fields;
        let fault = match (process, link, delay_ms) {
            (Some(process), None, None) => Fault::Process(process, action_named(&action)?),
            (None, Some(link), delay_ms) => {
                let (from, to) =
                    link.split_once(':').ok_or_else(|| format!("{link:?} is no link such as edge-1:nats"))?;
                Fault::Link(from.to_owned(), to.to_owned(), breach_named(&action, delay_ms)?)
            }
            _ => return Err("a fault has either a process or a link, and delay_ms only with a link".into()),
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
        let (action, delay_ms) = match what.split(':').next().and_then(|action| action.split_once('=')) {
            Some((action, delay)) => {
                let delay = delay.strip_suffix("ms").and_then(|delay| delay.parse().ok());
                (action, Some(delay.ok_or_else(wrong)?))
            }
            None => (what.split(':').next().unwrap_or_default(), None),
        };
        let fault = match what.split(':').skip(1).collect::<Vec<_>>().as_slice() {
            [process] if delay_ms.is_none() => {
                Fault::Process((*process).to_owned(), action_named(action).map_err(|_| wrong())?)
            }
            [from, to] => {
                let breach = breach_named(action, delay_ms).map_err(|_| wrong())?;
                Fault::Link((*from).to_owned(), (*to).to_owned(), breach)
            }
            _ => return Err(wrong()),
        };
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

fn action_named(name: &str) -> Result<Action, String> {
    match name {
        "kill" => Ok(Action::Kill),
        "pause" => Ok(Action::Pause),
        _ => Err(format!("{name:?} can't be done to a process, but kill and pause can")),
    }
}

fn breach_named(name: &str, delay_ms: Option<u64>) -> Result<Breach, String> {
    match (name, delay_ms) {
        ("cut", None) => Ok(Breach::Cut),
        ("hold", None) => Ok(Breach::Hold),
        ("delay", Some(delay)) if delay <= 60_000 => Ok(Breach::Delay(Duration::from_millis(delay))),
        ("delay", _) => Err("a delay needs delay_ms, a minute at most".into()),
        _ => Err(format!("{name:?} can't be done to a link, but cut, hold and delay can")),
    }
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

    #[test]
    fn a_word_says_what_where_when_and_for_how_long() {
        for (text, fault, at, seconds) in [
            ("kill:edge-1@5s+3s", Fault::Process("edge-1".to_owned(), Action::Kill), 5.0, Some(3.0)),
            ("pause:nats@0.5", Fault::Process("nats".to_owned(), Action::Pause), 0.5, None),
            ("cut:edge-1:nats@5s+3s", link(Breach::Cut), 5.0, Some(3.0)),
            ("hold:edge-1:nats@5s+0s", link(Breach::Hold), 5.0, Some(0.0)),
            ("delay=100ms:edge-1:nats@5s", link(Breach::Delay(Duration::from_millis(100))), 5.0, None),
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
        ] {
            let refused = text.parse::<FaultSpec>().expect_err(text);
            assert!(refused.contains("cut:edge-1:nats@5s+3s"), "{text}: {refused}");
        }
        for text in ["cut:edge-1:worker-1@5s", "cut:client:nats@1s", "kill:edge-1@-1s", "kill:edge-1@infs"] {
            assert!(text.parse::<FaultSpec>().is_err(), "{text}");
        }
    }
}
