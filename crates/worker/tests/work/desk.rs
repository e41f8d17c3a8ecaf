//! A desk for tests: a real NATS server, a database in memory, one tenant, a worker, and words for what people do.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use confab_bus::{Bus, BusSettings, LogEntry, PresenceKey, PresenceKind, Renewal, Replay, ReplyInbox};
use confab_config::Config;
use confab_domain::{
    Actor, Agent, Clock, Command, CommandKind, Conversation, Outcome, Policy, Refusal, TenantSettings,
    message_id,
};
use confab_protocol::api::{Availability, ConversationStatus, Party, Priority};
use confab_protocol::codec::{decode_entry, encode_entry};
use confab_protocol::{
    Author, Body, Channel, ClientId, CommandId, ConversationId, Entry, Role, TenantId, TicketId, UserId,
};
use confab_store::{NewUser, Store, StoreSettings, TenantStore};
use confab_testkit::nats::NatsServer;
use confab_worker::{Worker, WorkerDeps, WorkerHandle};
use uuid::Uuid;

/// Nothing that works takes longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
/// A lease that outlives the test.
const LEASE: Duration = Duration::from_mins(10);

/// The desk.
pub(crate) struct Desk {
    workers: Vec<WorkerHandle>,
    pub(crate) store: Store,
    pub(crate) db: TenantStore,
    pub(crate) bus: Bus,
    pub(crate) tenant: TenantId,
    config: Arc<Config>,
    replies: ReplyInbox,
    commands: AtomicU64,
    /// Last, so that it outlives what is connected to it.
    _nats: NatsServer,
}

pub(crate) fn user(id: &str) -> UserId {
    UserId::parse(id).expect("an id")
}

pub(crate) fn party(id: &str) -> Party {
    Party { id: user(id), name: id.to_uppercase() }
}

/// The person of this id gives a command.
pub(crate) fn person(id: &str, role: Role) -> Actor {
    Actor::User { id: user(id), name: id.to_uppercase(), role }
}

/// Waits until `look` finds something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let seen = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let Ok(found) = tokio::time::timeout(LIMIT, seen).await else { panic!("never seen: {what}") };
    found
}

fn tokens() -> confab_auth::Tokens {
    let lifetimes = confab_auth::Lifetimes { access_seconds: 60, refresh_seconds: 60, customer_seconds: 60 };
    let key = b"a-key-of-the-tests-and-of-nothing-else";
    confab_auth::Tokens::new(key, "confab", lifetimes).expect("the key is long enough")
}

impl Desk {
    /// A desk with a worker.
    pub(crate) async fn open(settings: TenantSettings) -> Self {
        let mut desk = Self::closed(settings).await;
        desk.hire();
        desk
    }

    /// A desk without a worker.
    pub(crate) async fn closed(settings: TenantSettings) -> Self {
        let nats = tokio::task::spawn_blocking(NatsServer::start).await.expect("a server");
        let mut config = Config::default();
        config.nats.shards = 2;
        config.worker.ack_wait_seconds = 2;
        config.worker.receipts_flush_ms = 50;
        config.worker.snapshot_interval_ms = 50;
        let bus = Bus::connect(BusSettings {
            url: nats.url(),
            name: "test".into(),
            shards: config.nats.shards,
            ack_wait: Duration::from_secs(config.worker.ack_wait_seconds),
            ..BusSettings::default()
        })
        .await
        .expect("a connection");
        bus.ensure_topology().await.expect("streams");
        let store = Store::open(StoreSettings::memory()).await.expect("a database");
        store.migrate().await.expect("a schema");
        let tenant = TenantId::parse("acme").expect("an id");
        store.create_tenant(&tenant, "Acme", &settings).await.expect("a tenant");
        let db = store.tenant(&tenant).await.expect("the tenant");
        let replies = bus.replies().await.expect("an inbox");
        let (config, commands) = (Arc::new(config), AtomicU64::new(0));
        Self { workers: Vec::new(), store, db, bus, tenant, config, replies, commands, _nats: nats }
    }

    /// Adds a worker.
    pub(crate) fn hire(&mut self) {
        self.workers.push(Worker::spawn(WorkerDeps {
            config: Arc::clone(&self.config),
            bus: self.bus.clone(),
            store: self.store.clone(),
            attachments: None,
            clock: Clock::system(),
            tokens: Arc::new(tokens()),
            extensions: confab_worker::Extensions::default(),
            node: format!("worker-{}", self.workers.len()),
        }));
    }

    /// Lets all workers finish.
    pub(crate) async fn drain(&mut self) {
        for worker in self.workers.drain(..) {
            worker.drain(LIMIT).await;
        }
    }

    pub(crate) fn command(&self, actor: Actor, kind: CommandKind) -> Command {
        let number = self.commands.fetch_add(1, Ordering::Relaxed);
        let id = CommandId::parse(format!("k-{number}")).expect("an id");
        Command { id, tenant: self.tenant.clone(), at: Clock::system().now(), actor, kind }
    }

    /// Gives a command and waits for what comes of it.
    pub(crate) async fn outcome(&self, command: &Command) -> Outcome {
        let (reply_to, reply) = self.replies.expect(LIMIT);
        let payload = Bytes::from(rmp_serde::to_vec_named(command).expect("encodes"));
        let name = command.kind.name();
        self.bus
            .work()
            .submit(&self.tenant, name, &command.id, payload, Some(&reply_to))
            .await
            .expect("the queue takes it");
        rmp_serde::from_slice(&reply.await.expect("an outcome")).expect("decodes")
    }

    /// Gives a command that is carried out.
    pub(crate) async fn done(&self, actor: Actor, kind: CommandKind) {
        let outcome = self.outcome(&self.command(actor, kind)).await;
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    }

    /// Gives a command that is refused.
    pub(crate) async fn refused(&self, actor: Actor, kind: CommandKind) -> Refusal {
        match self.outcome(&self.command(actor, kind)).await {
            Outcome::Refused(refusal) => refusal,
            outcome @ Outcome::Done { .. } => panic!("carried out: {outcome:?}"),
        }
    }

    /// An agent who exists, and is neither connected nor online.
    pub(crate) async fn absent_agent(&self, id: &str, capacity: u32, teams: &[&str]) {
        let new = NewUser {
            id: user(id),
            login: id.to_owned(),
            name: id.to_uppercase(),
            role: Role::Agent,
            password_hash: "unused".into(),
            capacity,
            skills: Vec::new(),
            teams: teams.iter().map(|team| (*team).to_owned()).collect(),
            email: None,
        };
        self.db.create_user(new).await.expect("a new agent");
    }

    /// An agent who is connected and online.
    pub(crate) async fn agent(&self, id: &str, capacity: u32) {
        self.agent_in(id, capacity, &[]).await;
    }

    /// An agent of these teams who is connected and online.
    pub(crate) async fn agent_in(&self, id: &str, capacity: u32, teams: &[&str]) {
        self.absent_agent(id, capacity, teams).await;
        self.lease(PresenceKind::Agent, id, LEASE).await;
        self.set(id, Availability::Online).await;
        until("a connected agent", || async {
            self.db.agent(&user(id)).await.ok()??.connected.then_some(())
        })
        .await;
    }

    pub(crate) async fn set(&self, agent: &str, availability: Availability) {
        let kind = CommandKind::SetAvailability { agent: user(agent), availability };
        self.done(person(agent, Role::Agent), kind).await;
    }

    /// The person is connected for this time.
    pub(crate) async fn lease(&self, kind: PresenceKind, id: &str, ttl: Duration) {
        let key = PresenceKey { kind, tenant: self.tenant.clone(), user: user(id), node: "edge-1".into() };
        let renewal = Renewal { key, ttl, fresh: true };
        self.bus.presence().renew(&renewal).await.expect("a presence key");
    }

    pub(crate) fn start_command(&self, customer: &str, priority: Priority, team: Option<&str>) -> Command {
        let kind = CommandKind::Start {
            conversation: ConversationId::from_uuid(Uuid::now_v7()),
            ticket: TicketId::from_uuid(Uuid::now_v7()),
            customer: party(customer),
            issue_type: "PAYMENT_STALLED".into(),
            team: team.map(str::to_owned),
            priority,
            client_id: ClientId::parse("first").expect("an id"),
            message: "My payment is stuck".into(),
            continues: false,
        };
        self.command(person(customer, Role::Customer), kind)
    }

    /// A customer starts a conversation.
    pub(crate) async fn start(&self, customer: &str) -> ConversationId {
        self.start_with(customer, Priority::Medium, None).await
    }

    pub(crate) async fn start_with(
        &self,
        customer: &str,
        priority: Priority,
        team: Option<&str>,
    ) -> ConversationId {
        let command = self.start_command(customer, priority, team);
        let outcome = self.outcome(&command).await;
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        command.kind.conversation().expect("it starts one").clone()
    }

    pub(crate) async fn conversation(&self, id: &ConversationId) -> Conversation {
        self.db.conversation(id).await.expect("the database answers").expect("it exists")
    }

    pub(crate) async fn agent_record(&self, id: &str) -> Agent {
        self.db.agent(&user(id)).await.expect("the database answers").expect("they exist")
    }

    /// Waits until the conversation is this agent's.
    pub(crate) async fn assigned(&self, id: &ConversationId, agent: &str) -> Conversation {
        until(&format!("{id} with {agent}"), || async {
            let conversation = self.conversation(id).await;
            let holder = conversation.agent.as_ref().is_some_and(|holder| holder.id == user(agent));
            holder.then_some(conversation)
        })
        .await
    }

    /// Waits until the conversation has this status.
    pub(crate) async fn at_status(&self, id: &ConversationId, status: ConversationStatus) -> Conversation {
        until(&format!("{id} being {status:?}"), || async {
            let conversation = self.conversation(id).await;
            (conversation.status == status).then_some(conversation)
        })
        .await
    }

    /// What the log has of a channel.
    pub(crate) async fn entries(&self, channel: &Channel) -> Vec<Entry> {
        match self.bus.log().replay(channel, 0, 10_000).await.expect("the log answers") {
            Replay::Complete(stored) => {
                stored.iter().map(|one| decode_entry(&one.payload).expect("an entry")).collect()
            }
            Replay::Trimmed => panic!("{channel} is not complete"),
        }
    }

    pub(crate) async fn room(&self, id: &ConversationId) -> Vec<Entry> {
        self.entries(&Channel::Conversation(id.clone())).await
    }

    /// How often the person was told that the conversation is theirs.
    pub(crate) async fn new_chats(&self, id: &str, conversation: &ConversationId) -> usize {
        let feed = self.entries(&Channel::UserFeed(self.tenant.clone(), user(id))).await;
        let is_it = |entry: &&Entry| matches!(&entry.body, Body::NewChat { conversation_id, .. } if conversation_id == conversation);
        feed.iter().filter(is_it).count()
    }

    /// Waits until both were told of their conversation, and checks that they were told once.
    pub(crate) async fn told_once(&self, conversation: &ConversationId, people: [&str; 2]) {
        for id in people {
            until(&format!("new_chat for {id}"), || async {
                (self.new_chats(id, conversation).await > 0).then_some(())
            })
            .await;
            assert_eq!(self.new_chats(id, conversation).await, 1, "{id} was told again");
        }
    }

    /// A person writes into a conversation, as an edge would publish it.
    pub(crate) async fn say(&self, id: &str, role: Role, conversation: &ConversationId, client_id: &str) {
        let channel = Channel::Conversation(conversation.clone());
        let author = Author { id: Some(user(id)), name: id.to_uppercase(), role: Some(role) };
        let entry = Entry {
            id: client_id.to_owned(),
            author,
            at: Clock::system().now(),
            body: Body::Text { text: format!("{client_id} of {id}") },
        };
        let message_id = message_id(&channel, entry.author.id.as_ref(), client_id);
        let log_entry = LogEntry {
            channel: &channel,
            tenant: &self.tenant,
            message_id: &message_id,
            payload: Bytes::from(encode_entry(&entry)),
            customer: None,
        };
        self.bus.log().publish(log_entry).await.expect("sent").await.expect("stored");
    }

    pub(crate) async fn set_policy(&self, policy: Policy) {
        let settings = TenantSettings { policy, ..self.db.settings().await.expect("settings") };
        self.db.put_settings(&settings).await.expect("new settings");
    }

    /// The same command given under another name to the queue, as long after the queue has forgotten the first.
    pub(crate) async fn outcome_of_copy(&self, command: &Command) -> Outcome {
        let (reply_to, reply) = self.replies.expect(LIMIT);
        let payload = Bytes::from(rmp_serde::to_vec_named(command).expect("encodes"));
        let copy = CommandId::parse(format!("{}-copy", command.id)).expect("an id");
        self.bus
            .work()
            .submit(&self.tenant, command.kind.name(), &copy, payload, Some(&reply_to))
            .await
            .expect("the queue takes it");
        rmp_serde::from_slice(&reply.await.expect("an outcome")).expect("decodes")
    }

    /// The hub gives a command, and whoever takes it dies over it.
    pub(crate) async fn take_and_drop(&self, kind: CommandKind) {
        let command = self.command(Actor::System, kind);
        let payload = Bytes::from(rmp_serde::to_vec_named(&command).expect("encodes"));
        let work = self.bus.work();
        let name = command.kind.name();
        work.submit(&self.tenant, name, &command.id, payload, None).await.expect("the queue takes it");
        let mut consumer = work.consumer().await.expect("a consumer");
        // A worker's sweep may lie before it.
        loop {
            let item = tokio::time::timeout(LIMIT, consumer.next()).await.expect("the command");
            if item.command_id == command.id {
                break;
            }
            item.ack().await.expect("the queue answers");
        }
    }

    pub(crate) async fn accept(&self, conversation: &ConversationId, agent: &str) -> Outcome {
        let kind = CommandKind::Accept { conversation: conversation.clone(), agent: user(agent) };
        self.outcome(&self.command(person(agent, Role::Agent), kind)).await
    }

    pub(crate) async fn close(&self, conversation: &ConversationId, agent: &str) {
        let kind = CommandKind::Close { conversation: conversation.clone() };
        self.done(person(agent, Role::Agent), kind).await;
    }
}

impl Debug for Desk {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Desk").finish_non_exhaustive()
    }
}
