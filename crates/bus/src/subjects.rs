//! Every subject, stream and header name on the bus. Nothing else writes or reads one.

use confab_protocol::{Channel, CommandId, ConversationId, TenantId, UserId};

use crate::error::BusError;
use crate::presence::{PresenceKey, PresenceKind};

/// The stream of the personal and desk feeds.
pub(crate) const FEED: &str = "FEED";
/// The stream of steps in the life of conversations, for others.
pub(crate) const CHAT_LIFECYCLE: &str = "CHAT_LIFECYCLE";
/// Its subjects.
pub(crate) const LIFECYCLE_ALL: &str = "chat.lifecycle.>";
/// The stream of messages, for others.
pub(crate) const CHAT_MESSAGES: &str = "CHAT_MESSAGES";
/// Its subjects.
pub(crate) const MESSAGES_ALL: &str = "chat.messages.>";
/// The stream of larger numbers of shards, each with the time from which it counts.
pub(crate) const SHARDS: &str = "SHARDS";
/// Its subject.
pub(crate) const SHARDS_NOTED: &str = "shards";
/// The stream of commands.
pub(crate) const WORK: &str = "WORK";
/// The stream of errands.
pub(crate) const ERRANDS: &str = "ERRANDS";
/// The stream of scheduled and fired messages.
pub(crate) const TIMERS: &str = "TIMERS";
/// The stream of presence keys.
pub(crate) const PRESENCE: &str = "PRESENCE";
/// The stream of commands that were given up.
pub(crate) const DEAD: &str = "DEAD";
/// The stream that keeps the server's notices of commands tried too often.
pub(crate) const ADVISORIES: &str = "ADVISORIES";

/// The stream of words that were used up.
pub(crate) const ONCE: &str = "ONCE";

/// The tenant of an entry or command.
pub(crate) const TENANT: &str = "Confab-Tenant";
/// The customer of the conversation that an entry belongs to.
pub(crate) const CUSTOMER: &str = "Confab-Customer";
/// The id of a command.
pub(crate) const COMMAND: &str = "Confab-Command";
/// Where the outcome of a command is awaited.
pub(crate) const REPLY: &str = "Confab-Reply";
/// On a presence key: the user was not connected there before.
pub(crate) const FRESH: &str = "Confab-Fresh";
/// On a dead letter: why it was given up.
pub(crate) const REASON: &str = "Confab-Reason";
/// On a dead letter: how often it was tried.
pub(crate) const DELIVERIES: &str = "Confab-Deliveries";
/// On a dead letter: its sequence in the work queue.
pub(crate) const SEQUENCE: &str = "Confab-Sequence";

/// What submitters write to; stored below `work.<partition>.`.
pub(crate) const WORK_SUBMITTED: &str = "work.*.*";
/// Where `WORK_SUBMITTED` is stored: in one of 16 partitions, by tenant.
pub(crate) const WORK_STORED: &str = "work.{{partition(16,1)}}.{{wildcard(1)}}.{{wildcard(2)}}";
/// Entries of feeds as written.
pub(crate) const FEED_WRITTEN: &str = "in.feed.>";
/// Entries of feeds as republished.
pub(crate) const FEED_LIVE: &str = "feed.>";
/// Entries of conversations as republished.
pub(crate) const CONVERSATIONS_LIVE: &str = "conv.>";
/// All errands.
pub(crate) const ERRANDS_ALL: &str = "errand.>";
/// Timers that wait.
pub(crate) const TIMERS_WAITING: &str = "timer.>";
/// Timers that have fired.
pub(crate) const TIMERS_FIRED: &str = "fired.>";
/// All presence keys.
pub(crate) const PRESENCE_ALL: &str = "presence.>";
/// The presence keys of agents.
pub(crate) const PRESENCE_AGENTS: &str = "presence.agent.>";
/// All words that were used up.
pub(crate) const ONCE_ALL: &str = "once.*.*";
/// All dead letters.
pub(crate) const DEAD_ALL: &str = "dead.>";
/// The server's notices about commands tried too often.
pub(crate) const WORK_ADVISORIES: &str = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.WORK.*";
/// Heartbeats of the edges.
pub(crate) const NODES: &str = "nodes";

/// All requests to take a channel out of the log.
pub(crate) const ERASURES: &str = "erase.*";
/// All receipts.
pub(crate) const RECEIPTS: &str = "receipt.*.*";

/// Longest name of a node, command or timer in bytes.
const MAX_NAME_BYTES: usize = 128;

/// The stream of one shard of the conversation log.
pub(crate) fn shard_stream(shard: u16) -> String {
    format!("CONV_{shard}")
}

/// Entries of one shard as written.
pub(crate) fn shard_written(shard: u16) -> String {
    format!("in.{shard}.conv.>")
}

/// Where nobody writes in a shard.
pub(crate) fn shard_probed(shard: u16) -> String {
    format!("in.{shard}.conv.probe")
}

/// The stream that keeps a channel of this shard, or a feed.
pub(crate) fn stream_of(shard: Option<u16>) -> String {
    shard.map_or_else(|| FEED.to_owned(), shard_stream)
}

/// Where a channel's entries are written and stored.
pub(crate) fn written(channel: &Channel, shard: Option<u16>) -> String {
    match shard {
        Some(shard) => format!("in.{shard}.{channel}"),
        None => format!("in.{channel}"),
    }
}

/// Where a channel's entries are republished.
pub(crate) fn live(channel: &Channel) -> String {
    channel.to_string()
}

/// The channel whose entries are stored under `subject`.
pub(crate) fn channel_of(subject: &str) -> Option<Channel> {
    let rest = subject.strip_prefix("in.")?;
    let name = if rest.starts_with("feed.") { rest } else { rest.split_once('.')?.1 };
    name.parse().ok()
}

/// The shard in which an entry with this subject is stored.
pub(crate) fn shard_of(subject: &str) -> Option<u16> {
    subject.strip_prefix("in.")?.split_once('.')?.0.parse().ok()
}

/// Where a channel's ephemeral events go.
pub(crate) fn ephemeral(channel: &Channel) -> String {
    format!("eph.{channel}")
}

/// Where a conversation's receipts go.
pub(crate) fn receipt(tenant: &TenantId, conversation: &ConversationId) -> String {
    format!("receipt.{tenant}.{conversation}")
}

/// Tenant and conversation of a receipt's subject.
pub(crate) fn parse_receipt(subject: &str) -> Option<(TenantId, ConversationId)> {
    let (tenant, conversation) = subject.strip_prefix("receipt.")?.split_once('.')?;
    Some((tenant.parse().ok()?, conversation.parse().ok()?))
}

/// Where a step in the life of a conversation is told to others.
pub(crate) fn lifecycle(tenant: &TenantId, kind: &str) -> Result<String, BusError> {
    Ok(format!("chat.lifecycle.{tenant}.{}", name("event", kind)?))
}

/// Where a message is told to others.
pub(crate) fn messages(tenant: &TenantId, conversation: &ConversationId) -> String {
    format!("chat.messages.{tenant}.{conversation}")
}

/// Where a command is submitted.
pub(crate) fn work(tenant: &TenantId, command: &str) -> Result<String, BusError> {
    Ok(format!("work.{tenant}.{}", name("command", command)?))
}

/// Partition, tenant and command of a stored command's subject.
pub(crate) fn parse_work(subject: &str) -> Option<(u16, TenantId, &str)> {
    let mut tokens = subject.strip_prefix("work.")?.splitn(3, '.');
    Some((tokens.next()?.parse().ok()?, tokens.next()?.parse().ok()?, tokens.next()?))
}

/// The id under which the server knows a command: command ids are a tenant's own.
pub(crate) fn work_message_id(tenant: &TenantId, command: &CommandId) -> String {
    format!("{tenant}:{command}")
}

/// Where a dead letter is kept.
pub(crate) fn dead(tenant: &TenantId, command: &str) -> String {
    format!("dead.{tenant}.{command}")
}

/// Tenant and command of a dead letter's subject.
pub(crate) fn parse_dead(subject: &str) -> Option<(TenantId, &str)> {
    let (tenant, command) = subject.strip_prefix("dead.")?.split_once('.')?;
    Some((tenant.parse().ok()?, command))
}

/// Where an errand of a sort is given.
pub(crate) fn errand(kind: &str, tenant: &TenantId) -> String {
    format!("errand.{kind}.{tenant}")
}

/// The tenant of an errand's subject.
pub(crate) fn parse_errand(subject: &str) -> Option<TenantId> {
    subject.strip_prefix("errand.")?.split_once('.')?.1.parse().ok()
}

/// Where a timer waits.
pub(crate) fn timer(tenant: &TenantId, id: &str) -> Result<String, BusError> {
    Ok(format!("timer.{tenant}.{}", name("timer", id)?))
}

/// Where a timer fires.
pub(crate) fn fired(tenant: &TenantId, id: &str) -> Result<String, BusError> {
    Ok(format!("fired.{tenant}.{}", name("timer", id)?))
}

/// Tenant and id of a fired timer's subject.
pub(crate) fn parse_fired(subject: &str) -> Option<(TenantId, &str)> {
    let (tenant, id) = subject.strip_prefix("fired.")?.split_once('.')?;
    Some((tenant.parse().ok()?, id))
}

/// Where a presence key is kept.
pub(crate) fn presence(key: &PresenceKey) -> Result<String, BusError> {
    let PresenceKey { kind, tenant, user, node } = key;
    Ok(format!("presence.{}.{tenant}.{user}.{}", kind.as_str(), name("node", node)?))
}

/// The presence keys of one user on all nodes.
pub(crate) fn presence_of(kind: PresenceKind, tenant: &TenantId, user: &UserId) -> String {
    format!("presence.{}.{tenant}.{user}.*", kind.as_str())
}

/// The key whose state is kept under `subject`.
pub(crate) fn parse_presence(subject: &str) -> Option<PresenceKey> {
    let mut tokens = subject.strip_prefix("presence.")?.splitn(4, '.');
    Some(PresenceKey {
        kind: PresenceKind::parse(tokens.next()?)?,
        tenant: tokens.next()?.parse().ok()?,
        user: tokens.next()?.parse().ok()?,
        node: tokens.next()?.to_owned(),
    })
}

/// Where the use of a word is noted.
pub(crate) fn once(tenant: &TenantId, word: &str) -> Result<String, BusError> {
    Ok(format!("once.{tenant}.{}", name("word", word)?))
}

/// Prefix of the subjects on which one process awaits the outcome of its commands.
pub(crate) fn reply_prefix(node: &str, random: &str) -> String {
    format!("reply.{node}.{random}")
}

/// Prefix of a node's inboxes. The user is part of it, so that what one role may read can be told from another's.
pub(crate) fn inbox_prefix(user: Option<&str>, node: &str) -> String {
    match user.and_then(|user| name("user", user).ok()) {
        Some(user) => format!("_INBOX.{user}.{node}"),
        None => format!("_INBOX.{node}"),
    }
}

/// Where workers are asked to take a channel out of the log.
pub(crate) fn erasure(tenant: &TenantId) -> String {
    format!("erase.{tenant}")
}

/// Checks a text that becomes one token of a subject: 1 to 128 of `A-Z a-z 0-9 _ -`.
pub(crate) fn name<'a>(what: &'static str, text: &'a str) -> Result<&'a str, BusError> {
    let fits = (1..=MAX_NAME_BYTES).contains(&text.len());
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if fits && plain { Ok(text) } else { Err(BusError::InvalidName { what, text: text.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(text: &str) -> Channel {
        text.parse().expect("a channel")
    }

    #[test]
    fn a_stored_subject_names_its_channel_again() {
        for text in ["conv.c-1", "conv.c-1.notes", "feed.user.acme.mohan", "feed.desk.acme"] {
            let channel = channel(text);
            assert_eq!(channel_of(&written(&channel, channel.conversation().map(|_| 3))), Some(channel));
        }
    }

    #[test]
    fn conversations_go_to_their_shard_and_feeds_to_their_own_stream() {
        assert_eq!(written(&channel("conv.c-1.notes"), Some(7)), "in.7.conv.c-1.notes");
        assert_eq!(shard_of("in.7.conv.c-1.notes"), Some(7));
        assert_eq!(shard_of("in.feed.desk.acme"), None);
        assert_eq!(stream_of(Some(7)), "CONV_7");
        assert_eq!(written(&channel("feed.desk.acme"), None), "in.feed.desk.acme");
        assert_eq!(stream_of(None), "FEED");
    }

    #[test]
    fn foreign_subjects_are_not_understood() {
        for subject in ["", "in.", "conv.a", "in.3.mail.a", "in.feed.a", "in.x"] {
            assert_eq!(channel_of(subject), None, "{subject}");
        }
        assert_eq!(parse_work("work.acme.start"), None);
        assert_eq!(parse_presence("presence.robot.acme.mohan.edge-1"), None);
        assert_eq!(parse_receipt("receipt.acme"), None);
    }

    #[test]
    fn names_that_could_break_a_subject_are_refused() {
        let tenant = TenantId::parse("acme").expect("an id");
        for text in ["", "a.b", "a b", "*", ">", "ü", &"x".repeat(129)] {
            assert!(work(&tenant, text).is_err(), "{text:?}");
            assert!(timer(&tenant, text).is_err(), "{text:?}");
        }
        assert_eq!(work(&tenant, "start").expect("a subject"), "work.acme.start");
        let (partition, parsed, command) = parse_work("work.15.acme.start").expect("a stored command");
        assert_eq!((partition, parsed, command), (15, tenant, "start"));
    }

    #[test]
    fn a_presence_key_survives_a_round_trip() {
        let key = PresenceKey {
            kind: PresenceKind::Agent,
            tenant: TenantId::parse("acme").expect("an id"),
            user: UserId::parse("mohan").expect("an id"),
            node: "edge-1".into(),
        };
        let subject = presence(&key).expect("a subject");
        assert_eq!(subject, "presence.agent.acme.mohan.edge-1");
        assert_eq!(parse_presence(&subject), Some(key));
    }
}
