//! Where a client stands in a channel, and what a delivery means to it. Pure.

use confab_protocol::frame::JoinedFrame;

/// A place in a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Last sequence received; 0 before the first.
    pub seq: u64,
    /// The log's epoch it belongs to.
    pub epoch: String,
}

/// What to do with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the next one: show it.
    Next,
    /// It was shown before: drop it.
    Known,
    /// Something before it is missing: drop it and join again after `after`.
    Gap {
        /// The last sequence received.
        after: u64,
    },
    /// Something is missing and a join for it is under way: drop it.
    Awaited,
}

/// Follows one channel.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    position: Option<Position>,
    awaited: Option<u64>,
    joined: bool,
}

impl Tracker {
    /// A channel that is followed from a position, or from now on.
    pub fn from(position: Option<Position>) -> Self {
        Self { position, ..Self::default() }
    }

    /// The place reached.
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// Last sequence received; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.position.as_ref().map_or(0, |position| position.seq)
    }

    /// Whether the hub has confirmed the join of this connection.
    pub fn is_joined(&self) -> bool {
        self.joined
    }

    /// A join with this reference was sent: until its answer, gaps are no news.
    pub fn awaits(&mut self, reference: u64) {
        self.awaited = Some(reference);
    }

    /// The connection is gone, and with it what was asked on it.
    pub fn disconnected(&mut self) {
        self.awaited = None;
        self.joined = false;
    }

    /// The hub follows the channel for this client. Returns how many sequences lie between the client and the head.
    ///
    /// Without a position the client stands at the head: it asked for nothing but what is new.
    pub fn joined(&mut self, frame: &JoinedFrame) -> u64 {
        self.joined = true;
        if self.awaited == Some(frame.reference) {
            self.awaited = None;
        }
        match &mut self.position {
            None => {
                self.position = Some(Position { seq: frame.head, epoch: frame.epoch.clone() });
                0
            }
            Some(position) => {
                position.epoch.clone_from(&frame.epoch);
                frame.head.saturating_sub(position.seq)
            }
        }
    }

    /// Judges a delivery and, when it is the next one, moves to it.
    pub fn receive(&mut self, seq: u64, prev: u64) -> Verdict {
        let Some(position) = &mut self.position else {
            return Verdict::Awaited;
        };
        if seq <= position.seq {
            return Verdict::Known;
        }
        if prev == position.seq {
            position.seq = seq;
            return Verdict::Next;
        }
        match self.awaited {
            Some(_) => Verdict::Awaited,
            None => Verdict::Gap { after: position.seq },
        }
    }

    /// What was missed was read elsewhere: go on after it.
    pub fn move_to(&mut self, position: Option<Position>) {
        self.position = position;
        self.awaited = None;
        self.joined = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(reference: u64, head: u64) -> JoinedFrame {
        JoinedFrame {
            reference,
            channel: "conv.c".parse().expect("a channel"),
            epoch: "e1".into(),
            head,
            receipts: Vec::new(),
            members: Vec::new(),
        }
    }

    fn at(seq: u64) -> Tracker {
        Tracker::from(Some(Position { seq, epoch: "e1".into() }))
    }

    #[test]
    fn who_asks_for_what_is_new_stands_at_the_head() {
        let mut tracker = Tracker::from(None);
        tracker.awaits(1);
        assert_eq!(tracker.receive(8, 7), Verdict::Awaited);
        assert_eq!(tracker.joined(&joined(1, 7)), 0);
        assert_eq!(tracker.receive(8, 7), Verdict::Next);
        assert_eq!(tracker.seq(), 8);
    }

    #[test]
    fn holes_in_the_sequence_are_no_gaps() {
        let mut tracker = at(3);
        assert_eq!(tracker.receive(9, 3), Verdict::Next);
        assert_eq!(tracker.receive(40, 9), Verdict::Next);
    }

    #[test]
    fn what_came_before_is_known() {
        let mut tracker = at(9);
        assert_eq!(tracker.receive(9, 3), Verdict::Known);
        assert_eq!(tracker.receive(3, 0), Verdict::Known);
    }

    #[test]
    fn a_gap_is_told_once_until_it_is_filled() {
        let mut tracker = at(3);
        assert_eq!(tracker.receive(9, 5), Verdict::Gap { after: 3 });
        tracker.awaits(7);
        assert_eq!(tracker.receive(11, 9), Verdict::Awaited);
        assert_eq!(tracker.joined(&joined(7, 11)), 8);
        assert_eq!(tracker.receive(5, 3), Verdict::Next);
        assert_eq!(tracker.receive(9, 5), Verdict::Next);
        assert_eq!(tracker.receive(11, 9), Verdict::Next);
    }

    #[test]
    fn a_lost_connection_forgets_what_was_asked() {
        let mut tracker = at(3);
        tracker.awaits(7);
        tracker.disconnected();
        assert!(!tracker.is_joined());
        assert_eq!(tracker.receive(9, 5), Verdict::Gap { after: 3 });
    }
}
