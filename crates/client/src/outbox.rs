//! Messages that were written and not yet confirmed, in their order. Pure: time is an argument.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use confab_protocol::{Channel, ClientFrame, ClientId};

/// A message that is not confirmed.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its id: the same for every attempt.
    pub client_id: ClientId,
    /// Where it goes.
    pub channel: Channel,
    /// What it says.
    pub text: String,
    /// Last sequence of the channel known when it was first tried; absent before that.
    pub known: Option<u64>,
    attempt: Attempt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    /// To be sent as soon as the channel is joined.
    Due,
    /// Sent on this connection, not answered yet.
    Sent(Instant),
    /// Refused for now; to be sent again at this time.
    Later(Instant),
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    pending: VecDeque<Pending>,
    in_flight: usize,
    window: usize,
}

impl Outbox {
    /// An outbox of which at most `window` messages are under way at a time. With 1, one author's messages are stored in
    /// the order in which they were written even when the hub turns some away for a while.
    pub fn new(window: usize) -> Self {
        Self { window: window.max(1), ..Self::default() }
    }

    /// Messages not confirmed.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether everything is confirmed.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// All of them, oldest first.
    pub fn pending(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter()
    }

    /// Puts a message at the end.
    pub fn push(&mut self, channel: Channel, client_id: ClientId, text: String) {
        self.pending.push_back(Pending { client_id, channel, text, known: None, attempt: Attempt::Due });
    }

    /// A message of an earlier run, which may have reached the hub: `known` is what the channel had come to then.
    pub fn restore(&mut self, channel: Channel, client_id: ClientId, text: String, known: u64) {
        let attempt = Attempt::Due;
        self.pending.push_back(Pending { client_id, channel, text, known: Some(known), attempt });
    }

    /// The next frame to send: of a channel that `ready` gives a sequence for, within the window.
    pub fn next_frame(
        &mut self,
        now: Instant,
        ready: impl Fn(&Channel) -> Option<u64>,
    ) -> Option<ClientFrame> {
        if self.in_flight >= self.window {
            return None;
        }
        let (pending, seq) = self.pending.iter_mut().find_map(|pending| {
            let due = match pending.attempt {
                Attempt::Due => true,
                Attempt::Later(at) => at <= now,
                Attempt::Sent(_) => false,
            };
            let seq = ready(&pending.channel)?;
            due.then_some((pending, seq))
        })?;
        pending.attempt = Attempt::Sent(now);
        self.in_flight += 1;
        let known = pending.known;
        pending.known.get_or_insert(seq);
        Some(ClientFrame::Send {
            channel: pending.channel.clone(),
            client_id: pending.client_id.clone(),
            text: pending.text.clone(),
            known,
        })
    }

    /// The message is stored, or refused for good: takes it out.
    pub fn remove(&mut self, channel: &Channel, client_id: &ClientId) -> Option<Pending> {
        let at = self.find(channel, client_id)?;
        let pending = self.pending.remove(at)?;
        self.in_flight -= usize::from(matches!(pending.attempt, Attempt::Sent(_)));
        Some(pending)
    }

    /// The hub turned it away for now.
    pub fn postpone(&mut self, channel: &Channel, client_id: &ClientId, until: Instant) {
        if let Some(pending) = self.find(channel, client_id).and_then(|at| self.pending.get_mut(at)) {
            self.in_flight -= usize::from(matches!(pending.attempt, Attempt::Sent(_)));
            pending.attempt = Attempt::Later(until);
        }
    }

    /// The connection is gone: everything is to be sent again.
    pub fn disconnected(&mut self) {
        self.in_flight = 0;
        for pending in &mut self.pending {
            pending.attempt = Attempt::Due;
        }
    }

    /// Sends again what was not answered for `limit`.
    pub fn expire(&mut self, now: Instant, limit: Duration) {
        for pending in &mut self.pending {
            if matches!(pending.attempt, Attempt::Sent(at) if now.duration_since(at) >= limit) {
                pending.attempt = Attempt::Due;
                self.in_flight -= 1;
            }
        }
    }

    /// When the oldest message was sent that is not answered yet.
    pub fn oldest_sent(&self) -> Option<Instant> {
        let sent = self.pending.iter().filter_map(|pending| match pending.attempt {
            Attempt::Sent(at) => Some(at),
            Attempt::Due | Attempt::Later(_) => None,
        });
        sent.min()
    }

    /// The log of a channel began anew: what was known of the old one says nothing, so all of the new one is searched.
    pub fn epoch_changed(&mut self, channel: &Channel) {
        for pending in self.pending.iter_mut().filter(|pending| pending.channel == *channel) {
            pending.known = pending.known.map(|_| 0);
        }
    }

    fn find(&self, channel: &Channel, client_id: &ClientId) -> Option<usize> {
        self.pending.iter().position(|pending| pending.channel == *channel && pending.client_id == *client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> Channel {
        "conv.c".parse().expect("a channel")
    }

    fn id(text: &str) -> ClientId {
        text.parse().expect("an id")
    }

    fn outbox(ids: &[&str]) -> Outbox {
        let mut outbox = Outbox::new(8);
        for name in ids {
            outbox.push(channel(), id(name), format!("text of {name}"));
        }
        outbox
    }

    fn sent(outbox: &mut Outbox, now: Instant, seq: Option<u64>) -> Vec<(String, Option<u64>)> {
        std::iter::from_fn(|| outbox.next_frame(now, |_| seq))
            .map(|frame| match frame {
                ClientFrame::Send { client_id, known, .. } => (client_id.to_string(), known),
                other => panic!("{other:?} is no send"),
            })
            .collect()
    }

    #[test]
    fn nothing_goes_to_a_channel_that_is_not_joined() {
        let mut outbox = outbox(&["a"]);
        assert_eq!(sent(&mut outbox, Instant::now(), None), []);
        assert_eq!(outbox.len(), 1);
    }

    #[test]
    fn a_resend_names_what_was_known_at_the_first_try() {
        let now = Instant::now();
        let mut outbox = outbox(&["a", "b"]);
        assert_eq!(sent(&mut outbox, now, Some(7)), [("a".into(), None), ("b".into(), None)]);
        outbox.remove(&channel(), &id("a"));
        outbox.disconnected();
        assert_eq!(sent(&mut outbox, now, Some(30)), [("b".into(), Some(7))]);
        outbox.epoch_changed(&channel());
        outbox.disconnected();
        assert_eq!(sent(&mut outbox, now, Some(2)), [("b".into(), Some(0))]);
    }

    #[test]
    fn no_more_than_the_window_is_under_way() {
        let now = Instant::now();
        let mut outbox = Outbox::new(1);
        outbox.push(channel(), id("a"), "one".into());
        outbox.push(channel(), id("b"), "two".into());
        assert_eq!(sent(&mut outbox, now, Some(0)).len(), 1);
        outbox.remove(&channel(), &id("a"));
        assert_eq!(sent(&mut outbox, now, Some(1)), [("b".into(), None)]);
    }

    #[test]
    fn what_is_turned_away_or_not_answered_goes_again() {
        let now = Instant::now();
        let mut outbox = outbox(&["a", "b"]);
        sent(&mut outbox, now, Some(3));
        let later = now + Duration::from_secs(1);
        outbox.postpone(&channel(), &id("a"), later);
        assert_eq!(sent(&mut outbox, now, Some(3)), []);
        assert_eq!(sent(&mut outbox, later, Some(4)), [("a".into(), Some(3))]);
        outbox.expire(now + Duration::from_secs(10), Duration::from_secs(10));
        assert_eq!(sent(&mut outbox, later, Some(4)), [("b".into(), Some(3))]);
    }

    #[test]
    fn what_an_earlier_run_left_says_what_it_knew() {
        let mut outbox = Outbox::new(4);
        outbox.restore(channel(), id("a"), "old".into(), 12);
        assert_eq!(sent(&mut outbox, Instant::now(), Some(90)), [("a".into(), Some(12))]);
    }
}
