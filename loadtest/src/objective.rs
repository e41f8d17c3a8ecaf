//! Objectives: what a figure of a run must be, as `delivery.p99 <= 25`.

use serde::Deserialize;

use crate::result::{Outcome, RunResult};

/// A figure's name, a comparison, a limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Objective {
    text: String,
    figure: String,
    comparison: Comparison,
    limit: f64,
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    AtMost,
    AtLeast,
    Equal,
}

impl TryFrom<String> for Objective {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = || format!("{text:?} is no objective; write one as \"delivery.p99 <= 25\"");
        let [figure, comparison, limit] =
            text.split_whitespace().collect::<Vec<_>>().try_into().map_err(|_| wrong())?;
        let comparison = match comparison {
            "<=" => Comparison::AtMost,
            ">=" => Comparison::AtLeast,
            "==" => Comparison::Equal,
            _ => return Err(wrong()),
        };
        let limit = limit.parse().map_err(|_| wrong())?;
        Ok(Self { figure: figure.to_owned(), comparison, limit, text: text.clone() })
    }
}

impl Objective {
    /// Whether the run meets it. What was not measured is not met.
    pub(crate) fn judge(&self, result: &RunResult) -> Outcome {
        let value = result.value(&self.figure);
        let met = value.is_some_and(|value| match self.comparison {
            Comparison::AtMost => value <= self.limit,
            Comparison::AtLeast => value >= self.limit,
            Comparison::Equal => (value - self.limit).abs() < f64::EPSILON,
        });
        Outcome { objective: self.text.clone(), value, met }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> bool {
        let mut result = RunResult::default();
        result.figures.insert("behind_s".to_owned(), 2.0);
        result.counts.insert("refused".to_owned(), 0);
        Objective::try_from(text.to_owned()).expect("it is one").judge(&result).met
    }

    #[test]
    fn a_figure_is_held_against_its_limit() {
        assert!(judged("behind_s <= 2") && judged("behind_s >= 2") && judged("refused == 0"));
        assert!(!judged("behind_s <= 1.9") && !judged("behind_s >= 2.1") && !judged("refused == 1"));
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        assert!(!judged("delivery.p99 <= 1000"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "delivery.p99", "delivery.p99 < 3", "delivery.p99 <= fast", "a <= 1 ms"] {
            assert!(Objective::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
