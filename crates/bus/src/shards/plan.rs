//! In which shard a conversation lies: computed from its id and from what the log has been given so far, and the same
//! for ever, however many shards come later.

use std::time::Duration;

use confab_protocol::shard::shard_of;
use confab_protocol::{Channel, ConversationId, UnixMillis};

/// How long after the server has noted a larger number it is in force.
pub(crate) const LEAD: Duration = Duration::from_secs(30);

/// From when on a log has so many shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Conversations that were made at this time or later, until the next generation, lie in these shards.
    pub since: UnixMillis,
    /// How many shards they are.
    pub count: u16,
}

/// All generations of a log. Ones are added at the end and none is ever changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardPlan {
    first: u16,
    raised: Vec<Generation>,
}

impl ShardPlan {
    /// A log that was made with so many shards.
    pub(crate) fn new(first: u16) -> Self {
        Self { first: first.max(1), raised: Vec::new() }
    }

    /// Adds what the server noted at this time. Times of servers may go back a little; generations don't.
    pub(crate) fn note(&mut self, noted_at: UnixMillis, count: u16) {
        let lead = u64::try_from(LEAD.as_millis()).unwrap_or(u64::MAX);
        let after_last = self.raised.last().map_or(0, |last| last.since + 1);
        let since = noted_at.saturating_add(lead).max(after_last);
        if count > self.count() {
            self.raised.push(Generation { since, count });
        }
    }

    /// The number it was made with.
    pub fn first(&self) -> u16 {
        self.first
    }

    /// Every generation, the first one too, which is since ever.
    pub fn generations(&self) -> impl Iterator<Item = Generation> {
        std::iter::once(Generation { since: 0, count: self.first }).chain(self.raised.iter().copied())
    }

    /// How many shards there are, those included that no conversation lies in yet.
    pub fn count(&self) -> u16 {
        self.raised.last().map_or(self.first, |last| last.count)
    }

    /// How many shards conversations made at this time are spread over.
    pub fn count_at(&self, time: UnixMillis) -> u16 {
        let begun = self.raised.partition_point(|generation| generation.since <= time);
        begun.checked_sub(1).and_then(|last| self.raised.get(last)).map_or(self.first, |one| one.count)
    }

    /// The shard of a conversation. Ids that tell no time belong to the first generation.
    pub fn shard_of(&self, id: &ConversationId) -> u16 {
        shard_of(id.as_str(), self.count_at(id.created_at().unwrap_or(0)))
    }

    /// The shard of a channel, for conversations; feeds have a stream of their own.
    pub fn shard(&self, channel: &Channel) -> Option<u16> {
        channel.conversation().map(|id| self.shard_of(id))
    }
}

#[cfg(test)]
mod tests {
    use uuid::{NoContext, Timestamp, Uuid};

    use super::*;

    const DAY: UnixMillis = 1_790_000_000_000;

    fn made_at(millis: UnixMillis) -> ConversationId {
        let nanos = u32::try_from(millis % 1000).expect("below a thousand") * 1_000_000;
        ConversationId::from_uuid(Uuid::new_v7(Timestamp::from_unix(NoContext, millis / 1000, nanos)))
    }

    fn raised() -> ShardPlan {
        let mut plan = ShardPlan::new(4);
        plan.note(DAY, 16);
        plan
    }

    #[test]
    fn a_conversation_stays_where_it_was_begun() {
        let before: Vec<_> = (0..1000).map(|number| made_at(DAY + 29_000 + number)).collect();
        let foreign = ConversationId::parse("ticket-7").expect("an id");
        let mut plan = ShardPlan::new(4);
        let places: Vec<_> = before.iter().map(|id| plan.shard_of(id)).collect();
        let foreign_place = plan.shard_of(&foreign);
        for (noted_at, count) in [(DAY, 16), (DAY + 60_000, 17), (DAY + 120_000, 64)] {
            plan.note(noted_at, count);
            let now: Vec<_> = before.iter().map(|id| plan.shard_of(id)).collect();
            assert_eq!(now, places, "with {count} shards");
            assert_eq!(plan.shard_of(&foreign), foreign_place, "with {count} shards");
        }
    }

    #[test]
    fn the_millisecond_of_the_change_belongs_to_the_new_shards() {
        let plan = raised();
        assert_eq!((plan.count_at(DAY + 29_999), plan.count_at(DAY + 30_000)), (4, 16));
        assert_eq!((plan.first(), plan.count()), (4, 16));
        let id = made_at(DAY + 30_000);
        assert_eq!(plan.shard_of(&id), shard_of(id.as_str(), 16));
    }

    #[test]
    fn new_conversations_use_all_shards_evenly() {
        let plan = raised();
        let mut counts = [0_u32; 16];
        for number in 0..16_000 {
            counts[usize::from(plan.shard_of(&made_at(DAY + 31_000 + number)))] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }

    #[test]
    fn generations_ascend_whatever_the_servers_clocks_say() {
        let mut plan = raised();
        plan.note(DAY - 5000, 32);
        plan.note(DAY - 5000, 8);
        let generations: Vec<_> = plan.generations().map(|one| (one.since, one.count)).collect();
        assert_eq!(generations, [(0, 4), (DAY + 30_000, 16), (DAY + 30_001, 32)], "fewer are not taken");
    }

    #[test]
    fn notes_lie_beside_their_conversation_and_feeds_in_no_shard() {
        let (plan, id) = (raised(), made_at(DAY + 40_000));
        let (talk, notes) = (Channel::Conversation(id.clone()), Channel::Notes(id));
        assert_eq!(plan.shard(&talk), plan.shard(&notes));
        assert_eq!(plan.shard(&"feed.desk.acme".parse().expect("a channel")), None);
    }
}
