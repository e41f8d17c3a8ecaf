//! What a chat owes the people in a room: everything arrives, once, and in one order for all. Pure functions over what
//! the two in a room saw.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::plan::{Plan, SIDES};

/// A promise that was broken for one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Violation {
    /// It was written and somebody in the room never got it.
    Lost { number: u64, side: usize },
    /// Somebody got it more than once.
    Doubled { number: u64, side: usize },
    /// Somebody got it after a later one of the same sender.
    OutOfSendersOrder { number: u64, side: usize },
    /// The two in the room got it at different places among the others.
    OutOfOthersOrder { number: u64 },
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |side: &usize| if *side == 0 { "the customer" } else { "the agent" };
        match self {
            Self::Lost { number, side } => write!(out, "message {number} did not reach {}", name(side)),
            Self::Doubled { number, side } => write!(out, "message {number} reached {} twice", name(side)),
            Self::OutOfSendersOrder { number, side } => {
                write!(out, "message {number} reached {} after a later one of its sender", name(side))
            }
            Self::OutOfOthersOrder { number } => {
                write!(out, "message {number} has another place for the customer than for the agent")
            }
        }
    }
}

/// Checks one room: what was written in it, by number, and what each side got, in its order.
pub(super) fn check(plan: &Plan, written: &BTreeSet<u64>, seen: &[Vec<u64>; SIDES]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let once: Vec<Vec<u64>> = seen
        .iter()
        .enumerate()
        .map(|(side, seen)| {
            let mut met = BTreeSet::new();
            let mut newest = [None; SIDES];
            let mut once = Vec::new();
            for number in seen.iter().copied() {
                if !met.insert(number) {
                    violations.push(Violation::Doubled { number, side });
                    continue;
                }
                once.push(number);
                let newest = &mut newest[plan.turn(number).side];
                if newest.is_some_and(|newest| newest > number) {
                    violations.push(Violation::OutOfSendersOrder { number, side });
                }
                *newest = (*newest).max(Some(number));
            }
            violations
                .extend(written.difference(&met).map(|number| Violation::Lost { number: *number, side }));
            once
        })
        .collect();
    let moved = moved(&once[0], &once[1]);
    violations.extend(moved.into_iter().map(|number| Violation::OutOfOthersOrder { number }));
    violations
}

/// The fewest messages without which both saw the rest in the same order.
fn moved(one: &[u64], other: &[u64]) -> Vec<u64> {
    let places: BTreeMap<u64, usize> =
        one.iter().enumerate().map(|(place, number)| (*number, place)).collect();
    let common: Vec<(usize, u64)> =
        other.iter().filter_map(|number| Some((*places.get(number)?, *number))).collect();
    // The longest increasing sequence of places (patience sorting): `tails[n]` ends the lowest sequence of n + 1.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(common.len());
    for (index, (place, _)) in common.iter().enumerate() {
        let length = tails.partition_point(|tail| common[*tail].0 < *place);
        before.push(length.checked_sub(1).map(|shorter| tails[shorter]));
        if length == tails.len() {
            tails.push(index);
        } else {
            tails[length] = index;
        }
    }
    let in_order: BTreeSet<usize> =
        std::iter::successors(tails.last().copied(), |index| before[*index]).collect();
    let moved = common.iter().enumerate().filter(|(index, _)| !in_order.contains(index));
    moved.map(|(_, (_, number))| *number).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::PeerLoad;
    use super::*;

    /// One room: even numbers are the customer's.
    fn violations(written: u64, seen: [&[u64]; SIDES]) -> Vec<Violation> {
        let plan = Plan::new(&PeerLoad { rooms: 1, rate: 1, seconds: 100 }, Duration::ZERO);
        check(&plan, &(0..written).collect(), &seen.map(<[u64]>::to_vec))
    }

    #[test]
    fn one_order_for_all_is_fine_whatever_it_is() {
        assert_eq!(violations(4, [&[0, 1, 2, 3], &[0, 1, 2, 3]]), []);
        assert_eq!(violations(4, [&[1, 0, 2, 3], &[1, 0, 2, 3]]), []);
    }

    #[test]
    fn each_broken_promise_is_found() {
        assert_eq!(violations(2, [&[0, 1], &[0]]), [Violation::Lost { number: 1, side: 1 }]);
        assert_eq!(violations(2, [&[0, 1, 0], &[0, 1]]), [Violation::Doubled { number: 0, side: 0 }]);
        assert_eq!(
            violations(3, [&[2, 1, 0], &[2, 1, 0]]),
            [
                Violation::OutOfSendersOrder { number: 0, side: 0 },
                Violation::OutOfSendersOrder { number: 0, side: 1 }
            ]
        );
        assert_eq!(violations(2, [&[0, 1], &[1, 0]]).len(), 1);
        assert_eq!(
            violations(5, [&[0, 1, 2, 3, 4], &[1, 2, 3, 0, 4]])
                .iter()
                .filter(|violation| matches!(violation, Violation::OutOfOthersOrder { .. }))
                .collect::<Vec<_>>(),
            [&Violation::OutOfOthersOrder { number: 0 }]
        );
    }
}
