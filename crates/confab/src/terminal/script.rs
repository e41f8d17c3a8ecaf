//! How far a script has come: what is still to be sent, confirmed and seen. Pure: time is an argument.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use confab_protocol::ClientId;

use super::Script;

/// How long a script waits when it doesn't say.
const USUAL_WAIT: Duration = Duration::from_secs(30);

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It goes on.
    Open,
    /// Everything was sent and seen.
    Done,
    /// Something that was expected did not come.
    Missing,
    /// A message was not stored.
    Unsent,
}

/// Progress of a script, or of a person, who is never done.
#[derive(Debug)]
pub(super) struct Progress {
    scripted: bool,
    to_send: VecDeque<String>,
    expected: Vec<String>,
    unconfirmed: HashSet<ClientId>,
    refused: bool,
    stay_until: Option<Instant>,
    give_up_at: Option<Instant>,
}

impl Progress {
    pub(super) fn new(script: Option<Script>) -> Self {
        Self::at(script, Instant::now())
    }

    fn at(script: Option<Script>, now: Instant) -> Self {
        let scripted = script.is_some();
        let Script { send, expect, wait } = script.unwrap_or_default();
        let stays = expect.is_empty();
        Self {
            scripted,
            to_send: send.into(),
            expected: expect,
            unconfirmed: HashSet::new(),
            refused: false,
            stay_until: wait.filter(|_| stays).map(|wait| now + wait),
            give_up_at: scripted.then(|| now + wait.unwrap_or(USUAL_WAIT)),
        }
    }

    pub(super) fn is_scripted(&self) -> bool {
        self.scripted
    }

    /// The next message to send.
    pub(super) fn take_next(&mut self) -> Option<String> {
        self.to_send.pop_front()
    }

    pub(super) fn sent(&mut self, id: ClientId) {
        self.unconfirmed.insert(id);
    }

    pub(super) fn confirmed(&mut self, id: &ClientId) {
        self.unconfirmed.remove(id);
    }

    pub(super) fn refused(&mut self, id: &ClientId) {
        self.unconfirmed.remove(id);
        self.refused = true;
    }

    /// Somebody else wrote this.
    pub(super) fn seen(&mut self, text: &str) {
        if let Some(at) = self.expected.iter().position(|expected| text.contains(expected.as_str())) {
            self.expected.remove(at);
        }
    }

    /// Messages that are not confirmed.
    pub(super) fn unconfirmed(&self) -> usize {
        self.unconfirmed.len()
    }

    /// Whether a message was refused.
    pub(super) fn any_refused(&self) -> bool {
        self.refused
    }

    /// What has not come.
    pub(super) fn missing(&self) -> &[String] {
        &self.expected
    }

    pub(super) fn standing(&self, now: Instant) -> Standing {
        if !self.scripted {
            return Standing::Open;
        }
        let all_sent = self.to_send.is_empty() && self.unconfirmed.is_empty();
        if self.refused {
            return Standing::Unsent;
        }
        if all_sent && self.expected.is_empty() && self.stay_until.is_none_or(|until| until <= now) {
            return Standing::Done;
        }
        match self.give_up_at {
            Some(at) if at <= now && !all_sent => Standing::Unsent,
            Some(at) if at <= now && !self.expected.is_empty() => Standing::Missing,
            _ => Standing::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(send: &[&str], expect: &[&str], wait: Option<u64>) -> (Progress, Instant) {
        let now = Instant::now();
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let script = Script { send: owned(send), expect: owned(expect), wait: wait.map(Duration::from_secs) };
        (Progress::at(Some(script), now), now)
    }

    fn id() -> ClientId {
        "m-1".parse().expect("an id")
    }

    #[test]
    fn a_script_is_done_when_everything_is_confirmed_and_seen() {
        let (mut progress, now) = progress(&["hi"], &["hello"], None);
        assert_eq!(progress.standing(now), Standing::Open);
        assert_eq!(progress.take_next().as_deref(), Some("hi"));
        progress.sent(id());
        progress.seen("well, hello there");
        assert_eq!(progress.standing(now), Standing::Open);
        progress.confirmed(&id());
        assert_eq!(progress.standing(now), Standing::Done);
    }

    #[test]
    fn what_does_not_come_in_time_is_missing() {
        let (progress, now) = progress(&[], &["hello"], Some(2));
        assert_eq!(progress.standing(now + Duration::from_secs(1)), Standing::Open);
        assert_eq!(progress.standing(now + Duration::from_secs(2)), Standing::Missing);
        assert_eq!(progress.missing(), ["hello"]);
    }

    #[test]
    fn one_message_answers_one_expectation() {
        let (mut progress, now) = progress(&[], &["a", "a"], Some(2));
        progress.seen("a");
        assert_eq!(progress.standing(now), Standing::Open);
        progress.seen("a");
        assert_eq!(progress.standing(now), Standing::Done);
    }

    #[test]
    fn without_expectations_it_stays_as_long_as_it_was_told() {
        let (progress, now) = progress(&[], &[], Some(2));
        assert_eq!(progress.standing(now), Standing::Open);
        assert_eq!(progress.standing(now + Duration::from_secs(2)), Standing::Done);
    }

    #[test]
    fn refused_and_unconfirmed_messages_are_failures() {
        let (mut refused, now) = progress(&[], &[], None);
        refused.sent(id());
        refused.refused(&id());
        assert_eq!(refused.standing(now), Standing::Unsent);
        let (mut stuck, now) = progress(&[], &[], Some(1));
        stuck.sent(id());
        assert_eq!(stuck.standing(now + Duration::from_secs(1)), Standing::Unsent);
    }

    #[test]
    fn a_person_is_never_done() {
        let progress = Progress::new(None);
        assert_eq!(progress.standing(Instant::now() + Duration::from_hours(1)), Standing::Open);
    }
}
