//! What is due when, and by whom: everything follows from a message's number. And the clock that says so.

use std::time::{Duration, Instant};

use super::PeerLoad;

/// Which of the two in a room: the customer or the agent.
pub(super) const SIDES: usize = 2;

/// Messages numbered from 0, due one after the other at a fixed rate; the first ones are for warming up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    rooms: usize,
    rate: u32,
    warm_up: Duration,
    measured: Duration,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) room: usize,
    pub(super) side: usize,
}

/// What the clock did.
#[derive(Debug, Default)]
pub(super) struct Paced {
    /// Messages that found their connection's queue full and were left out.
    pub(super) stalled: Vec<u64>,
    /// How late the clock itself was with each message.
    pub(super) late: Vec<Duration>,
}

impl Plan {
    pub(super) fn new(load: &PeerLoad, warm_up: Duration) -> Self {
        let PeerLoad { rooms, rate, seconds } = *load;
        Self { rooms: rooms.max(1), rate: rate.max(1), warm_up, measured: Duration::from_secs(seconds) }
    }

    pub(super) fn rooms(&self) -> usize {
        self.rooms
    }

    pub(super) fn warm_up(&self) -> Duration {
        self.warm_up
    }

    pub(super) fn measured(&self) -> Duration {
        self.measured
    }

    /// Messages of the whole run.
    pub(super) fn total(&self) -> u64 {
        u64::from(self.rate) * (self.warm_up + self.measured).as_secs()
    }

    /// Whether a message is of the measured time.
    pub(super) fn counts(&self, number: u64) -> bool {
        number >= u64::from(self.rate) * self.warm_up.as_secs()
    }

    /// Time from the beginning until a message is due.
    pub(super) fn due(&self, number: u64) -> Duration {
        let rate = u64::from(self.rate);
        Duration::from_secs(number / rate) + Duration::from_secs(number % rate) / self.rate
    }

    /// Whose message it is: rooms take turns, and in a room the customer and then the agent.
    pub(super) fn turn(&self, number: u64) -> Turn {
        let turns = (self.rooms * SIDES) as u64;
        let turn = usize::try_from(number % turns).unwrap_or_default();
        Turn { room: turn / SIDES, side: turn % SIDES }
    }

    /// Says what is due, whatever becomes of it. `write` answers whether the message could be handed over.
    ///
    /// Meant for a thread of its own, because the timers of the runtime are too coarse: they would show up as latency.
    pub(super) fn pace(self, start: Instant, write: impl Fn(Turn, u64) -> bool) -> Paced {
        let mut paced = Paced::default();
        for number in 0..self.total() {
            let due = start + self.due(number);
            if let Some(early) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(early);
            }
            if self.counts(number) {
                paced.late.push(due.elapsed());
            }
            if !write(self.turn(number), number) {
                paced.stalled.push(number);
            }
        }
        paced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan::new(&PeerLoad { rooms: 3, rate: 500, seconds: 4 }, Duration::from_secs(2))
    }

    #[test]
    fn everything_follows_from_the_number() {
        let plan = plan();
        assert_eq!(plan.total(), 3000);
        assert_eq!((plan.counts(999), plan.counts(1000)), (false, true));
        assert_eq!(plan.due(1001), Duration::from_millis(2002));
        let turns: Vec<(usize, usize)> =
            (0..7).map(|number| plan.turn(number)).map(|turn| (turn.room, turn.side)).collect();
        assert_eq!(turns, [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (0, 0)]);
    }

    #[test]
    fn what_cannot_be_handed_over_is_left_out() {
        let plan = Plan::new(&PeerLoad { rooms: 1, rate: 100_000, seconds: 1 }, Duration::ZERO);
        let paced = plan.pace(Instant::now(), |_, number| number != 7);
        assert_eq!(paced.stalled, [7]);
        assert_eq!(paced.late.len(), 100_000);
    }
}
