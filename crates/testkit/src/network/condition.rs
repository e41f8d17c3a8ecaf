//! How packets pass between two hosts, and what that means for one packet. Chance comes from a seed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

const SEED: u64 = 77;

/// How packets pass from one host to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// All of them, at once.
    Fine,
    /// None.
    Cut,
    /// All of them, so much later.
    Delayed(Duration),
    /// All but so many in a hundred.
    Lossy(u8),
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pass,
    Drop,
    Later(Duration),
}

/// The condition between every two hosts, in each direction.
#[derive(Debug)]
pub(super) struct Conditions {
    hosts: usize,
    table: Mutex<(Vec<Condition>, StdRng)>,
}

impl Conditions {
    pub(super) fn fine(hosts: usize) -> Self {
        let table = vec![Condition::Fine; hosts * hosts];
        Self { hosts, table: Mutex::new((table, StdRng::seed_from_u64(SEED))) }
    }

    pub(super) fn set(&self, from: usize, to: usize, condition: Condition) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.0[from * self.hosts + to] = condition;
    }

    pub(super) fn verdict(&self, from: usize, to: usize) -> Verdict {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let condition = table.0[from * self.hosts + to];
        match condition {
            Condition::Cut => Verdict::Drop,
            Condition::Delayed(delay) => Verdict::Later(delay),
            Condition::Lossy(percent) if table.1.random_range(0..100) < percent => Verdict::Drop,
            Condition::Fine | Condition::Lossy(_) => Verdict::Pass,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_for_one_direction_between_two() {
        let conditions = Conditions::fine(3);
        conditions.set(0, 1, Condition::Cut);
        conditions.set(1, 0, Condition::Delayed(Duration::from_millis(100)));
        assert_eq!(conditions.verdict(0, 1), Verdict::Drop);
        assert_eq!(conditions.verdict(1, 0), Verdict::Later(Duration::from_millis(100)));
        assert_eq!(conditions.verdict(0, 2), Verdict::Pass);
        conditions.set(0, 1, Condition::Fine);
        assert_eq!(conditions.verdict(0, 1), Verdict::Pass);
    }

    #[test]
    fn about_as_many_are_lost_as_was_said_and_the_same_ones_each_time() {
        let lost = || {
            let conditions = Conditions::fine(2);
            conditions.set(0, 1, Condition::Lossy(5));
            (0..10_000).filter(|_| conditions.verdict(0, 1) == Verdict::Drop).collect::<Vec<i32>>()
        };
        assert!((400..600).contains(&lost().len()), "{} of 10,000", lost().len());
        assert_eq!(lost(), lost());
    }
}
