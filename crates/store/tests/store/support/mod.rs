//! What the store's tests share: a tenant in memory, and commands decided and committed on it.

use confab_domain::{
    Actor, Agent, Command, CommandKind, Conversation, Decision, State, TenantSettings, decide,
};
use confab_protocol::api::{Availability, Party, Priority};
use confab_protocol::{
    Author, Body, ClientId, CommandId, ConversationId, Entry, Role, TenantId, TicketId, UserId,
};
use confab_store::{Commit, Committed, NewUser, Store, StoreError, StoreSettings, StoredEntry, TenantStore};

pub(crate) const EPOCH: &str = "01700000000000000000";
pub(crate) const NEXT_EPOCH: &str = "01800000000000000000";

pub(crate) fn tenant_id(text: &str) -> TenantId {
    TenantId::parse(text).unwrap()
}

pub(crate) fn user_id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

pub(crate) fn conversation_id(text: &str) -> ConversationId {
    ConversationId::parse(text).unwrap()
}

pub(crate) fn command_id(text: &str) -> CommandId {
    CommandId::parse(text).unwrap()
}

/// An empty store in memory, with its schema.
pub(crate) async fn memory() -> Store {
    let store = Store::open(StoreSettings::memory()).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// A new tenant in a store of its own.
pub(crate) async fn acme() -> TenantStore {
    tenant(&memory().await, "acme").await
}

pub(crate) async fn tenant(store: &Store, id: &str) -> TenantStore {
    let id = tenant_id(id);
    store.create_tenant(&id, "A tenant", &TenantSettings::default()).await.unwrap();
    store.tenant(&id).await.unwrap()
}

pub(crate) fn new_user(id: &str, role: Role, capacity: u32) -> NewUser {
    NewUser {
        id: user_id(id),
        login: format!("{id}@example.org"),
        name: id.to_uppercase(),
        role,
        password_hash: "$argon2id$not-a-real-one".to_owned(),
        capacity,
        skills: vec!["billing".to_owned()],
        teams: Vec::new(),
        email: None,
    }
}

pub(crate) fn start(id: &str, priority: Priority, at: u64) -> Command {
    let kind = CommandKind::Start {
        conversation: conversation_id(id),
        ticket: TicketId::parse(format!("t-{id}")).unwrap(),
        customer: Party { id: user_id("cus"), name: "Cus".to_owned() },
        issue_type: "billing".to_owned(),
        team: None,
        priority,
        client_id: ClientId::parse("first").unwrap(),
        message: "It does not work".to_owned(),
        continues: false,
    };
    command(&format!("start-{id}"), kind, at)
}

pub(crate) fn command(id: &str, kind: CommandKind, at: u64) -> Command {
    Command { id: command_id(id), tenant: tenant_id("acme"), at, actor: Actor::System, kind }
}

/// Loads what the command concerns, and decides.
pub(crate) async fn decided(store: &TenantStore, command: &Command) -> Result<Decision, StoreError> {
    let mut state = State { settings: store.settings().await?, ..State::default() };
    if let Some(id) = command.kind.conversation() {
        state.conversation = store.conversation(id).await?;
    }
    if let Some(conversation) = &state.conversation {
        state.ticket = store.ticket(&conversation.ticket_id).await?;
        let holder = conversation.agent.as_ref().or(conversation.last_agent.as_ref());
        if let Some(holder) = holder {
            state.holder = store.agent(&holder.id).await?;
        }
    }
    if let Some(id) = command.kind.ticket() {
        state.ticket = store.ticket(id).await?;
    }
    if let (true, Some(ticket)) = (command.kind.needs_conversations(), &state.ticket) {
        state.conversations = store.conversations_of(&ticket.conversations).await?;
    }
    if let Some(id) = command.kind.agent() {
        state.agent = store.agent(id).await?;
    }
    Ok(decide(command, &state, command.at))
}

pub(crate) async fn commit(
    store: &TenantStore,
    command: &Command,
    decision: &Decision,
) -> Result<Committed, StoreError> {
    let commit = Commit { command_id: &command.id, name: command.kind.name(), at: command.at, decision };
    store.commit(commit).await
}

/// Decides and commits; the command must be new.
pub(crate) async fn carry_out(store: &TenantStore, command: &Command) -> Decision {
    let decision = decided(store, command).await.unwrap();
    assert_eq!(commit(store, command, &decision).await.unwrap(), Committed::Now);
    decision
}

pub(crate) async fn started(store: &TenantStore, id: &str, priority: Priority, at: u64) -> Conversation {
    carry_out(store, &start(id, priority, at)).await;
    store.conversation(&conversation_id(id)).await.unwrap().unwrap()
}

/// Creates an agent who is online and connected.
pub(crate) async fn agent_online(store: &TenantStore, id: &str, capacity: u32) -> Agent {
    store.create_user(new_user(id, Role::Agent, capacity)).await.unwrap();
    let agent = user_id(id);
    let set = CommandKind::SetAvailability { agent: agent.clone(), availability: Availability::Online };
    carry_out(store, &command(&format!("online-{id}"), set, 1)).await;
    let connect = CommandKind::AgentConnected { agent: agent.clone() };
    carry_out(store, &command(&format!("connect-{id}"), connect, 2)).await;
    store.agent(&agent).await.unwrap().unwrap()
}

pub(crate) fn accept(conversation: &str, agent: &str, at: u64) -> Command {
    let kind = CommandKind::Accept { conversation: conversation_id(conversation), agent: user_id(agent) };
    command(&format!("accept-{conversation}-{agent}-{at}"), kind, at)
}

/// A message of a person.
pub(crate) fn message(conversation: &str, epoch: &str, seq: u64, author: &str, text: &str) -> StoredEntry {
    let author = Author { id: Some(user_id(author)), name: author.to_owned(), role: Some(Role::Agent) };
    let body = Body::Text { text: text.to_owned() };
    let entry = Entry { id: format!("m{epoch}-{seq}"), author, at: seq * 10, body };
    StoredEntry {
        conversation: conversation_id(conversation),
        note: false,
        epoch: epoch.to_owned(),
        seq,
        entry,
    }
}

/// A private note.
pub(crate) fn note(conversation: &str, epoch: &str, seq: u64, author: &str, text: &str) -> StoredEntry {
    let mut stored = message(conversation, epoch, seq, author, text);
    stored.note = true;
    stored.entry.body = Body::Note { text: text.to_owned() };
    stored
}
