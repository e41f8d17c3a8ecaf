//! From a command and the state it concerns to everything that follows: changes, events, timers, the outcome.

mod agent;
mod close;
mod configure;
mod desk;
mod idle;
mod queueing;
mod reply;
mod service;
mod snooze;
mod ticket;
mod ticket_merge;
mod transfer;

use confab_protocol::api::ConversationStatus;
use confab_protocol::shard::fnv1a;
use confab_protocol::{
    Author, Body, Channel, CommandId, ErrorCode, SystemEvent, TenantId, UnixMillis, UserId,
};
use serde::{Deserialize, Serialize};

pub use service::ServiceTimes;

use crate::assign::Assignment;
use crate::command::{Command, CommandKind, Outcome, Refusal};
use crate::model::{Agent, Conversation, TenantSettings, Ticket, TicketStatus, TicketStep};

/// What a worker loads before it asks for a decision. Absent records do not exist.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The tenant's settings.
    pub settings: TenantSettings,
    /// The conversation the command names.
    pub conversation: Option<Conversation>,
    /// Its ticket, or the one the command names.
    pub ticket: Option<Ticket>,
    /// The ticket that takes another's conversations; for [`CommandKind::MergeTicket`].
    pub target: Option<Ticket>,
    /// All conversations of the ticket, where [`CommandKind::needs_conversations`] and where the ticket of
    /// `conversation` has several.
    pub conversations: Vec<Conversation>,
    /// The agent who has it, or had it last when it is closed or put aside.
    pub holder: Option<Agent>,
    /// The agent the command names.
    pub agent: Option<Agent>,
    /// The active conversations of that agent; for [`CommandKind::AgentGraceOver`] and [`CommandKind::ConfigureAgent`].
    pub held: Vec<Conversation>,
    /// Those who lead; for [`CommandKind::Escalate`].
    pub leads: Vec<UserId>,
    /// When a person last wrote in the conversation; for [`CommandKind::IdleCheck`].
    pub last_message_at: Option<UnixMillis>,
    /// When who wrote on the ticket; for [`CommandKind::ServiceCheck`].
    pub service: ServiceTimes,
    /// Whether the customer is connected; for [`CommandKind::AbandonCheck`].
    pub customer_present: bool,
}

/// A record as it was and as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed<T> {
    /// What the decision was made on; none for a new record.
    pub before: Option<T>,
    /// Its new state.
    pub after: T,
}

/// A record in its new state. The store accepts it only when the stored version is one less, or absent for 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A conversation.
    Conversation(Changed<Conversation>),
    /// An agent.
    Agent(Agent),
    /// A ticket.
    Ticket(Changed<Ticket>),
    /// What a new version of a ticket changed; written along with it, and never again.
    TicketStep(TicketStep),
}

/// An entry to publish once the changes are committed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Where.
    pub channel: Channel,
    /// The entry's id when it isn't derived from the command's: the client's own id of a message.
    pub id: Option<String>,
    /// Who says it.
    pub author: Author,
    /// What it says.
    pub body: Body,
}

impl Event {
    /// The entry's id: its own, or one derived from the command's and its place among the command's events.
    pub fn entry_id(&self, command: &CommandId, index: usize) -> String {
        self.id.clone().unwrap_or_else(|| format!("{command}-{index}"))
    }
}

/// A timer to set or to cancel. Setting one replaces the one of the same id.
#[expect(clippy::large_enum_variant, reason = "a command has few timers")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerOp {
    /// Give this command at that time.
    Set {
        /// Id of the timer.
        id: String,
        /// When.
        at: UnixMillis,
        /// What.
        command: CommandKind,
    },
    /// Forget it.
    Cancel {
        /// Id of the timer.
        id: String,
    },
}

/// Everything that follows from a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Records to write, all or none.
    pub changes: Vec<Change>,
    /// Entries to publish afterwards, in this order.
    pub events: Vec<Event>,
    /// Timers to set afterwards.
    pub timers: Vec<TimerOp>,
    /// What the caller is told.
    pub outcome: Outcome,
    /// Whether a slot or a waiting conversation may have come free, so that the queue should be drawn.
    pub draws: bool,
}

impl Decision {
    /// Nothing changes; the caller is told why.
    pub fn refused(refusal: Refusal) -> Self {
        Self { outcome: Outcome::Refused(refusal), ..Self::nothing() }
    }

    /// Nothing changes, and that is right.
    pub fn nothing() -> Self {
        Self {
            changes: Vec::new(),
            events: Vec::new(),
            timers: Vec::new(),
            outcome: Outcome::Done { conversation: None, agent: None, ticket: None },
            draws: false,
        }
    }

    /// Nothing has to change: the conversation is already as asked.
    fn already(conversation: &Conversation) -> Self {
        Self {
            outcome: Outcome::Done { conversation: Some(conversation.view()), agent: None, ticket: None },
            ..Self::nothing()
        }
    }
}

/// Decides what follows from `command` in `state` at `now`.
pub fn decide(command: &Command, state: &State, now: UnixMillis) -> Decision {
    let result = match &command.kind {
        CommandKind::Start { .. } => queueing::start(command, state, now),
        CommandKind::Accept { .. } => queueing::accept(command, state, now),
        CommandKind::Reopen { .. } => queueing::reopen(command, state, now),
        CommandKind::Requeue { .. } => queueing::requeue(command, state, now),
        CommandKind::Close { .. } => close::close(command, state, now),
        CommandKind::Transfer { to, note, .. } => {
            transfer::transfer(command, state, to, note.as_deref(), now)
        }
        CommandKind::SetAvailability { availability, .. } => {
            agent::set_availability(command, state, *availability, now)
        }
        CommandKind::AgentConnected { .. } => agent::connected(command, state, now),
        CommandKind::AgentDisconnected { .. } => agent::disconnected(command, state, now),
        CommandKind::AgentGraceOver { since, .. } => agent::grace_over(command, state, *since, now),
        CommandKind::IdleCheck { warned_at, .. } => idle::idle_check(command, state, *warned_at, now),
        CommandKind::AbandonCheck { .. } => idle::abandon_check(command, state, now),
        CommandKind::ConfigureAgent { .. } => Ok(configure::configure(command, state, now)),
        CommandKind::SetLabels { labels, .. } => desk::set_labels(command, state, labels),
        CommandKind::Snooze { until, .. } => snooze::snooze(command, state, *until, now),
        CommandKind::Wake { until, .. } => snooze::wake(command, state, *until, now),
        CommandKind::Escalate { .. } => desk::escalate(command, state, now),
        CommandKind::Rate { score, comment, .. } => {
            desk::rate(command, state, *score, comment.as_deref(), now)
        }
        CommandKind::CreateTicket { .. } => ticket::create(command, state, now),
        CommandKind::UpdateTicket { expected, edit, .. } => {
            ticket::update(command, state, *expected, edit, now)
        }
        CommandKind::DeleteTicket { expected, .. } => ticket::delete(command, state, *expected, now),
        CommandKind::MergeTicket { .. } => ticket_merge::merge(command, state, now),
        CommandKind::WakeTicket { until, .. } => ticket::wake(command, state, *until, now),
        CommandKind::AutoReply { .. } => reply::auto_reply(command, state),
        CommandKind::ServiceCheck { .. } => service::service_check(command, state, now),
        CommandKind::Draw => Ok(Decision { draws: true, ..Decision::nothing() }),
    };
    result.unwrap_or_else(Decision::refused)
}

/// Gives a drawn conversation to its agent.
pub fn assign(
    tenant: &TenantId,
    settings: &TenantSettings,
    drawn: &Assignment,
    ticket: Option<&Ticket>,
    now: UnixMillis,
) -> Decision {
    let mut build = Builder::new(tenant, Author::system(), settings);
    build.assign(&drawn.conversation, &drawn.agent, ticket, settings, now);
    build.done()
}

/// Id of the command that gives a drawn conversation to an agent: the same draw has the same id.
///
/// # Panics
/// Never: what it puts together is an id.
pub fn assign_command_id(conversation: &Conversation) -> CommandId {
    let id = conversation.id.as_str();
    // Conversations that began elsewhere may have ids too long to be taken whole: their hash keeps them apart.
    let plain = format!("assign-{id}-{}", conversation.version);
    let short =
        || format!("assign-{:08x}{}-{}", fnv1a(id.as_bytes()), &id[..id.len().min(24)], conversation.version);
    CommandId::parse(plain).or_else(|_| CommandId::parse(short())).expect("short plain text is an id")
}

fn found_conversation(state: &State) -> Result<&Conversation, Refusal> {
    state.conversation.as_ref().ok_or_else(|| Refusal::new(ErrorCode::NotFound, "no such conversation"))
}

fn found_agent(state: &State) -> Result<&Agent, Refusal> {
    state.agent.as_ref().ok_or_else(|| Refusal::new(ErrorCode::NotFound, "no such agent"))
}

fn impossible(conversation: &Conversation, step: &str) -> Refusal {
    let message = format!("a conversation that is {} can't be {step}", conversation.status.as_str());
    Refusal::new(ErrorCode::InvalidTransition, message)
}

/// Id of the timer that watches for silence in a conversation.
fn idle_timer(conversation: &Conversation) -> String {
    format!("idle-{}", conversation.id)
}

/// Id of the timer that watches for a customer leaving the queue.
fn abandon_timer(conversation: &Conversation) -> String {
    format!("abandon-{}", conversation.id)
}

/// Id of the timer that wakes a conversation that was put aside.
fn snooze_timer(conversation: &Conversation) -> String {
    format!("snooze-{}", conversation.id)
}

/// Id of the timer that ends a vanished agent's grace.
fn grace_timer(agent: &UserId) -> String {
    format!("grace-{agent}")
}

/// Collects what follows, so that every step that changes a record also tells those who watch it.
struct Builder<'a> {
    tenant: &'a TenantId,
    /// Who makes the changes.
    by: Author,
    settings: &'a TenantSettings,
    decision: Decision,
}

impl<'a> Builder<'a> {
    fn new(tenant: &'a TenantId, by: Author, settings: &'a TenantSettings) -> Self {
        Self { tenant, by, settings, decision: Decision::nothing() }
    }

    fn of(command: &'a Command, state: &'a State) -> Self {
        Self::new(&command.tenant, command.actor.author(), &state.settings)
    }

    fn done(self) -> Decision {
        self.decision
    }

    fn event(&mut self, channel: Channel, author: Author, body: Body) {
        self.decision.events.push(Event { channel, id: None, author, body });
    }

    fn system(
        &mut self,
        conversation: &Conversation,
        event: SystemEvent,
        text: String,
        agent: Option<&Agent>,
    ) {
        let body = Body::System { event, text, agent: agent.map(Agent::author) };
        self.event(conversation.channel(), Author::system(), body);
    }

    /// Writes the conversation and tells the desk.
    fn conversation(&mut self, before: Option<&Conversation>, after: Conversation) {
        let view = after.view();
        let desk = Channel::DeskFeed(self.tenant.clone());
        self.event(desk, Author::system(), Body::ConversationChanged { conversation: view.clone() });
        if let Outcome::Done { conversation, .. } = &mut self.decision.outcome {
            *conversation = Some(view);
        }
        self.decision.changes.push(Change::Conversation(Changed { before: before.cloned(), after }));
    }

    /// Writes the agent and tells the desk.
    fn agent(&mut self, changed: Agent) {
        let view = changed.view();
        let desk = Channel::DeskFeed(self.tenant.clone());
        self.event(desk, Author::system(), Body::AgentChanged { agent: view.clone() });
        if let Outcome::Done { agent, .. } = &mut self.decision.outcome {
            *agent = Some(view);
        }
        self.decision.changes.push(Change::Agent(changed));
    }

    /// Writes the ticket with what changed, and tells the desk; nothing where nothing changed.
    fn ticket(&mut self, before: Option<&Ticket>, mut changed: Ticket, now: UnixMillis) {
        let timers = service::keep(self.settings, before, &mut changed);
        self.decision.timers.extend(timers);
        let step = TicketStep::between(before, &changed, self.by.clone(), now);
        let view = match before {
            Some(before) if step.changes.is_empty() => before.view(),
            _ => changed.view(),
        };
        if let Outcome::Done { ticket, .. } = &mut self.decision.outcome {
            *ticket = Some(view.clone());
        }
        if step.changes.is_empty() {
            return;
        }
        let desk = Channel::DeskFeed(self.tenant.clone());
        let body = if changed.deleted {
            Body::TicketDeleted { ticket_id: changed.id.clone() }
        } else {
            Body::TicketChanged { ticket: view }
        };
        self.event(desk, Author::system(), body);
        self.decision.changes.push(Change::Ticket(Changed { before: before.cloned(), after: changed }));
        self.decision.changes.push(Change::TicketStep(step));
    }

    /// Moves the ticket on because its conversation did; what is done with stays so when a conversation ends.
    fn ticket_follows(&mut self, ticket: Option<&Ticket>, status: TicketStatus, now: UnixMillis) {
        let Some(before) = ticket.filter(|ticket| ticket.status != status) else { return };
        let mut ticket = before.next(now);
        ticket.stand_at(status, now);
        self.ticket(Some(before), ticket, now);
    }

    fn set_timer(&mut self, id: String, at: UnixMillis, command: CommandKind) {
        self.decision.timers.push(TimerOp::Set { id, at, command });
    }

    fn cancel_timer(&mut self, id: String) {
        self.decision.timers.push(TimerOp::Cancel { id });
    }

    fn new_chat(&mut self, user: &UserId, conversation: &Conversation) {
        let is_customer = *user == conversation.customer.id;
        let view = if is_customer { conversation.public_view() } else { conversation.view() };
        let body = Body::NewChat { conversation_id: conversation.id.clone(), conversation: view };
        self.event(Channel::UserFeed(self.tenant.clone(), user.clone()), Author::system(), body);
    }

    fn chat_removed(&mut self, user: &UserId, conversation: &Conversation) {
        let body =
            Body::ChatRemoved { conversation_id: conversation.id.clone(), conversation: conversation.view() };
        self.event(Channel::UserFeed(self.tenant.clone(), user.clone()), Author::system(), body);
    }

    /// The conversation goes to the agent, who takes a slot; both sides are told.
    fn assign(
        &mut self,
        before: &Conversation,
        agent: &Agent,
        ticket: Option<&Ticket>,
        settings: &TenantSettings,
        now: UnixMillis,
    ) {
        let conversation = before.assigned_to(agent.party(), now);
        let text = format!("{} joined the conversation.", agent.name);
        self.system(&conversation, SystemEvent::ConversationAccepted, text, Some(agent));
        self.new_chat(&agent.id, &conversation);
        self.new_chat(&conversation.customer.id, &conversation);
        self.agent(agent.with_slot_taken(now));
        if let Some(before) = ticket {
            let mut ticket = before.next(now);
            ticket.stand_at(TicketStatus::InProgress, now);
            ticket.assigned_agent = Some(agent.party());
            ticket.snoozed_until = None;
            self.ticket(Some(before), ticket, now);
        }
        self.cancel_timer(abandon_timer(&conversation));
        self.no_longer_snoozed(before);
        let check = CommandKind::IdleCheck { conversation: conversation.id.clone(), warned_at: None };
        self.set_timer(idle_timer(&conversation), now + settings.idle_warning_ms, check);
        self.conversation(Some(before), conversation);
    }

    /// Forgets the timer of a conversation that was put aside until now.
    fn no_longer_snoozed(&mut self, before: &Conversation) {
        if before.snoozed_until.is_some() {
            self.cancel_timer(snooze_timer(before));
        }
    }

    /// The holder, when the conversation is active, gets the slot back and is told.
    fn free_holder(
        &mut self,
        before: &Conversation,
        after: &Conversation,
        holder: Option<&Agent>,
        now: UnixMillis,
    ) {
        if before.status != ConversationStatus::Active {
            return;
        }
        self.cancel_timer(idle_timer(before));
        if let Some(holder) = holder {
            self.chat_removed(&holder.id, after);
            self.agent(holder.with_slot_freed(now));
        }
        self.decision.draws = true;
    }

    /// The conversation waits since `since`; the customer's absence is watched.
    fn enqueue(
        &mut self,
        before: Option<&Conversation>,
        conversation: Conversation,
        settings: &TenantSettings,
        now: UnixMillis,
    ) {
        let text = "Waiting for an agent.".to_owned();
        self.system(&conversation, SystemEvent::ConversationQueued, text, None);
        let check = CommandKind::AbandonCheck { conversation: conversation.id.clone() };
        self.set_timer(abandon_timer(&conversation), now + settings.abandon_ms, check);
        self.conversation(before, conversation);
        self.decision.draws = true;
    }
}
