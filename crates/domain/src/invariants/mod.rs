//! The promises of the hub as functions over what was recorded: no loss, no duplicate, one order, one winner, capacity
//! held. Property tests, tests with real processes and the load test all judge by them.
//!
//! Knows nothing of how a history came about; time and memory grow with the number of records.

mod claims;
mod history;
mod index;
mod messages;
#[cfg(test)]
mod tests;
mod violation;

pub use history::{Complete, History, Message, Name, Place, Record};
pub use violation::Violation;

/// Every broken promise in the history, sorted; empty when all were kept.
pub fn check(history: &History) -> Vec<Violation> {
    let mut violations = messages::check(history);
    violations.extend(claims::check(history));
    violations.sort();
    violations
}
