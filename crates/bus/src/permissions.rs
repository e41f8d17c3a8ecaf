//! What each part of the hub may do on the server, derived from what it does, and the server's `accounts` block from it.
//!
//! Nobody may write `conv.>` and `feed.>`: only the server does, when it has stored what it republishes there.

use std::fmt::Write as _;

use confab_protocol::TenantId;

use crate::errands::ErrandKind;
use crate::projection::PROJECTOR;
use crate::subjects::{
    ADVISORIES, CHAT_LIFECYCLE, CHAT_MESSAGES, CONVERSATIONS_LIVE, DEAD, DEAD_ALL, ERASURES, ERRANDS,
    ERRANDS_ALL, FEED, FEED_LIVE, FEED_WRITTEN, LIFECYCLE_ALL, MESSAGES_ALL, NODES, ONCE, ONCE_ALL, PRESENCE,
    PRESENCE_AGENTS, RECEIPTS, SHARDS, SHARDS_NOTED, TIMERS, TIMERS_FIRED, TIMERS_WAITING, WORK,
    WORK_SUBMITTED, shard_stream, shard_written,
};

/// A user of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Edges.
    Edge,
    /// Workers.
    Worker,
    /// Operators' commands: `migrate`, `shards`, `doctor`, `dead-letters`, `backup`, `restore`.
    Admin,
    /// Whoever watches streams and consumers: an autoscaler, an exporter.
    Metrics,
    /// A program that follows one tenant's events.
    Reader(TenantId),
}

/// What a user may publish and subscribe to; nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    /// The user's name.
    pub user: String,
    /// Subjects it may publish to.
    pub publish: Vec<String>,
    /// Subjects it may subscribe to.
    pub subscribe: Vec<String>,
    /// Whether it may answer whatever it was asked, once.
    pub responds: bool,
}

impl Role {
    /// The variable of the environment that holds the user's password.
    pub fn password_variable(&self) -> String {
        format!("CONFAB_NATS_{}_PASSWORD", self.user().to_ascii_uppercase().replace('-', "_"))
    }

    fn user(&self) -> String {
        match self {
            Self::Edge => "edge".to_owned(),
            Self::Worker => "worker".to_owned(),
            Self::Admin => "admin".to_owned(),
            Self::Metrics => "metrics".to_owned(),
            Self::Reader(tenant) => format!("events-{tenant}"),
        }
    }

    /// Its permissions, with a log of so many shards.
    pub fn permissions(&self, shards: u16) -> Permissions {
        let user = self.user();
        let inbox = format!("_INBOX.{user}.>");
        let (mut publish, mut subscribe, responds) = match self {
            Self::Edge => edge(shards),
            Self::Worker => worker(shards),
            Self::Admin => admin(),
            Self::Metrics => (metrics(), Vec::new(), false),
            Self::Reader(tenant) => (reader(tenant, &user), Vec::new(), false),
        };
        publish.push(inbox.clone());
        subscribe.push(inbox);
        Permissions { user, publish, subscribe, responds }
    }
}

type Allowed = (Vec<String>, Vec<String>, bool);

fn owned(subjects: &[&str]) -> Vec<String> {
    subjects.iter().map(|&subject| subject.to_owned()).collect()
}

/// Streams of the log.
fn log(shards: u16) -> Vec<String> {
    let mut streams: Vec<String> = (0..shards).map(shard_stream).collect();
    streams.push(FEED.to_owned());
    streams
}

/// Reading a stream's messages one by one and asking how it stands.
fn reading(stream: &str) -> Vec<String> {
    vec![
        info(stream),
        format!("$JS.API.DIRECT.GET.{stream}"),
        format!("$JS.API.DIRECT.GET.{stream}.>"),
        format!("$JS.API.STREAM.MSG.GET.{stream}"),
    ]
}

fn info(stream: &str) -> String {
    format!("$JS.API.STREAM.INFO.{stream}")
}

/// Asking how a consumer stands.
fn inspecting(stream: &str, consumer: &str) -> String {
    format!("$JS.API.CONSUMER.INFO.{stream}.{consumer}")
}

/// A durable consumer of one name, with this filter, and the acknowledgements of what it delivers.
fn consuming(stream: &str, consumer: &str, filter: &str) -> Vec<String> {
    let create = if filter.is_empty() {
        format!("$JS.API.CONSUMER.CREATE.{stream}.{consumer}")
    } else {
        format!("$JS.API.CONSUMER.CREATE.{stream}.{consumer}.{filter}")
    };
    vec![
        create,
        inspecting(stream, consumer),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"),
        format!("$JS.ACK.{stream}.{consumer}.>"),
        format!("$JS.ACK.*.*.{stream}.{consumer}.>"),
    ]
}

/// Clients speak through edges: what they say, ask for and are.
fn edge(shards: u16) -> Allowed {
    let mut publish: Vec<String> = (0..shards).map(shard_written).collect();
    publish.extend(owned(&[
        WORK_SUBMITTED,
        "eph.>",
        RECEIPTS,
        NODES,
        "presence.*.*.*.*",
        ERASURES,
        ONCE_ALL,
    ]));
    publish.extend(log(shards).iter().flat_map(|stream| reading(stream)));
    publish.extend(reading(SHARDS));
    // How far the database has the log.
    publish.extend((0..shards).map(shard_stream).map(|stream| inspecting(&stream, PROJECTOR)));
    let subscribe = owned(&[CONVERSATIONS_LIVE, FEED_LIVE, "eph.>", NODES, "reply.*.*.*"]);
    (publish, subscribe, false)
}

/// Workers carry out commands and write what follows. What only clients do (presence, receipts, what is typed in a
/// room) they can't.
fn worker(shards: u16) -> Allowed {
    let mut publish: Vec<String> = (0..shards).map(shard_written).collect();
    publish.extend(owned(&[
        FEED_WRITTEN,
        WORK_SUBMITTED,
        "eph.feed.>",
        "reply.*.*.*",
        DEAD_ALL,
        TIMERS_WAITING,
        LIFECYCLE_ALL,
        MESSAGES_ALL,
        ERRANDS_ALL,
    ]));
    for stream in log(shards) {
        publish.extend(reading(&stream));
        publish.push(format!("$JS.API.STREAM.PURGE.{stream}"));
    }
    for shard in (0..shards).map(shard_stream) {
        publish.extend(consuming(&shard, PROJECTOR, ""));
        publish.extend(consuming(&shard, "events", ""));
    }
    let others = [CHAT_LIFECYCLE, CHAT_MESSAGES, ERRANDS, DEAD, TIMERS, ADVISORIES, ONCE];
    publish.extend(others.map(info));
    // Who is erased is named in other streams, too.
    let searched = [CHAT_LIFECYCLE, TIMERS, ERRANDS, DEAD];
    for stream in searched {
        publish.push(format!("$JS.API.DIRECT.GET.{stream}"));
        publish.push(format!("$JS.API.DIRECT.GET.{stream}.>"));
    }
    publish.extend(
        searched.into_iter().chain([FEED]).map(|stream| format!("$JS.API.STREAM.MSG.DELETE.{stream}")),
    );
    publish.push(format!("$JS.API.STREAM.PURGE.{CHAT_MESSAGES}"));
    // Workers tell how all streams stand.
    let streams =
        log(shards).into_iter().chain([PRESENCE, SHARDS, WORK].into_iter().chain(others).map(str::to_owned));
    publish.extend(streams.map(|stream| format!("$JS.API.CONSUMER.LIST.{stream}")));
    publish.extend(reading(PRESENCE));
    publish.extend(reading(SHARDS));
    publish.extend(reading(WORK));
    publish.push(format!("$JS.API.STREAM.MSG.DELETE.{WORK}"));
    publish.push(format!("$JS.API.STREAM.PURGE.{TIMERS}"));
    publish.extend(consuming(WORK, "workers", ""));
    publish.extend(consuming(TIMERS, "timers", TIMERS_FIRED));
    publish.extend(consuming(PRESENCE, "presence", PRESENCE_AGENTS));
    publish.extend(consuming(ADVISORIES, "dead-letters", ""));
    for kind in [ErrandKind::Reply, ErrandKind::Mail] {
        let (consumer, filter) = kind.consumer();
        publish.extend(consuming(ERRANDS, consumer, filter));
    }
    (publish, owned(&[RECEIPTS, ERASURES]), true)
}

/// Streams and consumers at will, and commands put back on the queue. Not what is said in a channel.
fn admin() -> Allowed {
    let publish = owned(&["$JS.API.>", "$JS.SNAPSHOT.>", WORK_SUBMITTED, SHARDS_NOTED, ERASURES]);
    (publish, Vec::new(), false)
}

fn metrics() -> Vec<String> {
    owned(&[
        "$JS.API.INFO",
        "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.LIST",
        "$JS.API.STREAM.INFO.*",
        "$JS.API.CONSUMER.NAMES.*",
        "$JS.API.CONSUMER.LIST.*",
        "$JS.API.CONSUMER.INFO.*.*",
    ])
}

/// The server holds the filter in the subject against the one in the request, so a reader gets one tenant's events.
fn reader(tenant: &TenantId, user: &str) -> Vec<String> {
    let streams = [(CHAT_LIFECYCLE, "chat.lifecycle"), (CHAT_MESSAGES, "chat.messages")];
    let mut publish: Vec<String> = streams.iter().map(|(stream, _)| info(stream)).collect();
    for (stream, subjects) in streams {
        publish.extend(consuming(stream, user, &format!("{subjects}.{tenant}.>")));
    }
    publish
}

/// The server's `accounts` block: the hub's own account with a user for each role, and the system's.
pub fn accounts(shards: u16, readers: &[TenantId]) -> String {
    let mut roles = vec![Role::Edge, Role::Worker, Role::Admin, Role::Metrics];
    roles.extend(readers.iter().cloned().map(Role::Reader));
    let mut text = format!(
        "# Made by `confab nats-accounts --shards {shards}`; make it anew instead of changing it.\n\
         # Passwords, or their bcrypt hashes, come from the environment of the server.\n\
         # Nobody may publish to conv.> and feed.>: the server alone writes there what it has stored.\n\
         accounts {{\n  CONFAB {{\n    jetstream: enabled\n    users: [\n"
    );
    for role in roles {
        write_user(&mut text, &role, shards);
    }
    text.push_str(
        "    ]\n  }\n  SYS {\n    users: [ { user: sys, password: $CONFAB_NATS_SYS_PASSWORD } ]\n  }\n}\nsystem_account: SYS\n",
    );
    text
}

fn write_user(text: &mut String, role: &Role, shards: u16) {
    let Permissions { user, publish, subscribe, responds } = role.permissions(shards);
    let list = |subjects: &[String]| {
        let lines: Vec<String> =
            subjects.iter().map(|subject| format!("            \"{subject}\"")).collect();
        lines.join("\n")
    };
    // Writing to a String can't fail.
    let _ = write!(
        text,
        "      {{\n        user: \"{user}\"\n        password: ${}\n        permissions {{\n          \
         publish: {{ allow: [\n{}\n          ] }}\n          subscribe: {{ allow: [\n{}\n          ] }}\n",
        role.password_variable(),
        list(&publish),
        list(&subscribe),
    );
    if responds {
        text.push_str("          allow_responses: { max: 1, expires: \"30s\" }\n");
    }
    text.push_str("        }\n      }\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Permissions> {
        let reader = Role::Reader("acme".parse().expect("an id"));
        [Role::Edge, Role::Worker, Role::Admin, Role::Metrics, reader]
            .map(|role| role.permissions(4))
            .to_vec()
    }

    #[test]
    fn nobody_writes_what_the_server_republishes() {
        for Permissions { user, publish, .. } in all() {
            let live = publish.iter().find(|subject| {
                ["conv.", "feed.", ">"].iter().any(|first| subject.starts_with(first))
                    || subject.starts_with('*')
            });
            assert_eq!(live, None, "{user}");
        }
    }

    #[test]
    fn only_operators_make_and_remove_streams() {
        for Permissions { user, publish, .. } in all() {
            let administers = publish.iter().any(|subject| {
                subject == "$JS.API.>"
                    || ["CREATE", "UPDATE", "DELETE", "RESTORE", "SNAPSHOT"]
                        .iter()
                        .any(|verb| subject.starts_with(&format!("$JS.API.STREAM.{verb}")))
            });
            assert_eq!(administers, user == "admin", "{user}");
        }
    }

    #[test]
    fn each_role_reads_its_own_inbox_alone() {
        for Permissions { user, subscribe, .. } in all() {
            let inboxes: Vec<_> = subscribe.iter().filter(|subject| subject.starts_with("_INBOX")).collect();
            assert_eq!(inboxes, [&format!("_INBOX.{user}.>")]);
        }
    }

    #[test]
    fn the_file_in_the_tree_is_the_one_for_sixteen_shards() {
        let file = include_str!("../../../nats/accounts.conf");
        assert_eq!(file, accounts(16, &[]), "run `confab nats-accounts --shards 16 > nats/accounts.conf`");
    }
}
