//! The hub in memory: records with versions, commands carried out once, timers. What the store and a worker do for
//! real, small enough to be looked through.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use confab_domain::invariants::{History, Record};
use confab_domain::{
    Actor, Agent, Change, Changed, Command, CommandKind, Conversation, Decision, Event, Outcome,
    ServiceTimes, State, TenantSettings, Ticket, TicketStep, TimerOp, assign, decide, queue,
};
use confab_protocol::api::{Availability, ConversationStatus, Party, Priority};
use confab_protocol::{ClientId, CommandId, ConversationId, Role, TenantId, TicketId, UserId};

/// When every test begins.
pub(crate) const START: u64 = 1_700_000_000_000;

/// A change was decided on a version that is no longer the stored one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stale;

/// The hub.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    pub(crate) now: u64,
    pub(crate) settings: TenantSettings,
    pub(crate) conversations: BTreeMap<ConversationId, Conversation>,
    pub(crate) tickets: BTreeMap<TicketId, Ticket>,
    pub(crate) steps: BTreeMap<(TicketId, u64), TicketStep>,
    pub(crate) agents: BTreeMap<UserId, Agent>,
    pub(crate) timers: BTreeMap<String, (u64, CommandKind)>,
    pub(crate) recorded: HashMap<CommandId, Outcome>,
    pub(crate) present: BTreeSet<UserId>,
    pub(crate) last_message: HashMap<ConversationId, u64>,
    pub(crate) first_reply_at: Option<u64>,
    /// When the customer was waited for; the last time perhaps still.
    pub(crate) pauses: Vec<(u64, Option<u64>)>,
    pub(crate) events: Vec<Event>,
    pub(crate) assignments: Vec<(ConversationId, UserId)>,
    pub(crate) history: History,
    given: u64,
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("acme").expect("an id")
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::parse(name).expect("an id")
}

pub(crate) fn conversation(number: u32) -> ConversationId {
    ConversationId::parse(format!("c-{number}")).expect("an id")
}

pub(crate) fn ticket(number: u32) -> TicketId {
    TicketId::parse(format!("t-{number}")).expect("an id")
}

pub(crate) fn accept(number: u32, agent: &str) -> CommandKind {
    CommandKind::Accept { conversation: conversation(number), agent: user(agent) }
}

impl Hub {
    pub(crate) fn new(settings: TenantSettings) -> Self {
        Self {
            now: START,
            settings,
            conversations: BTreeMap::new(),
            tickets: BTreeMap::new(),
            steps: BTreeMap::new(),
            agents: BTreeMap::new(),
            timers: BTreeMap::new(),
            recorded: HashMap::new(),
            present: BTreeSet::new(),
            last_message: HashMap::new(),
            first_reply_at: None,
            pauses: Vec::new(),
            events: Vec::new(),
            assignments: Vec::new(),
            history: History::new(),
            given: 0,
        }
    }

    /// An agent at their desk: connected and online.
    pub(crate) fn with_agent(mut self, name: &str, capacity: u32) -> Self {
        let mut agent = Agent::new(user(name), name, Role::Agent, capacity);
        agent.connected = true;
        agent.availability = Availability::Online;
        self.agents.insert(agent.id.clone(), agent);
        self
    }

    pub(crate) fn command(&mut self, kind: CommandKind) -> Command {
        self.given += 1;
        let id = CommandId::parse(format!("command-{}", self.given)).expect("an id");
        Command { id, tenant: tenant(), at: self.now, actor: Actor::System, kind }
    }

    pub(crate) fn start(number: u32, priority: Priority) -> CommandKind {
        CommandKind::Start {
            conversation: conversation(number),
            ticket: ticket(number),
            customer: Party { id: user(&format!("customer-{number}")), name: "Mohan".to_owned() },
            issue_type: "PAYMENT_STALLED".to_owned(),
            team: None,
            priority,
            client_id: ClientId::parse(format!("m-{number}")).expect("an id"),
            message: "My payment is stuck".to_owned(),
            continues: false,
        }
    }

    /// What a worker loads for a command.
    pub(crate) fn load(&self, kind: &CommandKind) -> State {
        let conversation = kind.conversation().and_then(|id| self.conversations.get(id)).cloned();
        let holder = conversation.as_ref().and_then(|found| match found.status {
            ConversationStatus::Waiting if found.snoozed_until.is_some() => found.last_agent.clone(),
            ConversationStatus::Closed => found.last_agent.clone(),
            _ => found.agent.clone(),
        });
        let agent = kind.agent().and_then(|id| self.agents.get(id)).cloned();
        let held = agent.iter().flat_map(|agent| self.held_by(&agent.id)).collect();
        let of_conversation = conversation.as_ref().map(|found| &found.ticket_id);
        let ticket = of_conversation.or(kind.ticket()).and_then(|id| self.tickets.get(id));
        let ticket = ticket.filter(|ticket| !ticket.deleted).cloned();
        let target = match kind {
            CommandKind::MergeTicket { into, .. } => self.tickets.get(into).cloned(),
            _ => None,
        };
        let conversations = ticket.iter().flat_map(|ticket| &ticket.conversations);
        State {
            leads: vec![user("sue")],
            service: self.service(),
            target,
            conversations: conversations.map(|id| self.conversations[id].clone()).collect(),
            settings: self.settings.clone(),
            ticket,
            holder: holder.and_then(|party| self.agents.get(&party.id)).cloned(),
            last_message_at: conversation
                .as_ref()
                .and_then(|found| self.last_message.get(&found.id))
                .copied(),
            customer_present: conversation
                .as_ref()
                .is_some_and(|found| self.present.contains(&found.customer.id)),
            conversation,
            agent,
            held,
        }
    }

    /// What the database knows of who wrote when.
    fn service(&self) -> ServiceTimes {
        let pauses = self.pauses.iter().map(|(since, until)| *since..until.unwrap_or(self.now));
        ServiceTimes { first_reply_at: self.first_reply_at, pauses: pauses.collect() }
    }

    pub(crate) fn held_by(&self, agent: &UserId) -> Vec<Conversation> {
        let held = self.conversations.values().filter(|conversation| {
            conversation.status == ConversationStatus::Active
                && conversation.agent.as_ref().is_some_and(|holder| holder.id == *agent)
        });
        held.cloned().collect()
    }

    /// Writes a decision, all of it or nothing; a command that is recorded already gets its first outcome.
    pub(crate) fn commit(&mut self, id: &CommandId, decision: Decision) -> Result<Outcome, Stale> {
        if let Some(outcome) = self.recorded.get(id) {
            return Ok(outcome.clone());
        }
        let fresh = decision.changes.iter().all(|change| {
            let (stored, new) = match change {
                Change::Conversation(Changed { after: new, .. }) => {
                    (self.conversations.get(&new.id).map(|old| old.version), new.version)
                }
                Change::Agent(new) => (self.agents.get(&new.id).map(|old| old.version), new.version),
                Change::Ticket(Changed { after: new, .. }) => {
                    (self.tickets.get(&new.id).map(|old| old.version), new.version)
                }
                Change::TicketStep(step) => {
                    return !self.steps.contains_key(&(step.ticket.clone(), step.version));
                }
            };
            stored.unwrap_or(0) + 1 == new
        });
        if !fresh {
            return Err(Stale);
        }
        for change in decision.changes {
            self.write(change);
        }
        for timer in decision.timers {
            match timer {
                TimerOp::Set { id, at, command } => drop(self.timers.insert(id, (at, command))),
                TimerOp::Cancel { id } => drop(self.timers.remove(&id)),
            }
        }
        self.events.extend(decision.events);
        self.recorded.insert(id.clone(), decision.outcome.clone());
        Ok(decision.outcome)
    }

    fn write(&mut self, change: Change) {
        match change {
            Change::Conversation(Changed { before, after: new }) => {
                assert_eq!(self.conversations.get(&new.id), before.as_ref(), "what it was decided on");
                let agent = new.agent.as_ref();
                if let Some(agent) = agent {
                    self.assignments.push((new.id.clone(), agent.id.clone()));
                }
                self.history.push(Record::AssignmentSeen {
                    conversation: new.id.as_str().into(),
                    version: new.version,
                    agent: agent.map(|agent| agent.id.as_str().into()),
                });
                self.conversations.insert(new.id.clone(), new);
            }
            Change::Agent(new) => {
                self.history.push(Record::AgentSeen {
                    agent: new.id.as_str().into(),
                    version: new.version,
                    active: new.active,
                    capacity: new.capacity,
                });
                self.agents.insert(new.id.clone(), new);
            }
            Change::Ticket(Changed { before, after: new }) => {
                assert_eq!(self.tickets.get(&new.id), before.as_ref(), "what it was decided on");
                self.tickets.insert(new.id.clone(), new);
            }
            Change::TicketStep(step) => {
                self.steps.insert((step.ticket.clone(), step.version), step);
            }
        }
    }

    /// Carries a command out as a worker does: decides again when somebody was faster, then draws if there is reason to.
    pub(crate) fn carry_out(&mut self, command: &Command) -> Outcome {
        let decision = decide::decide(command, &self.load(&command.kind), self.now);
        let draws = decision.draws;
        let outcome = self.commit(&command.id, decision).expect("nobody comes between");
        if draws {
            self.draw();
        }
        outcome
    }

    /// Gives a command and carries it out.
    pub(crate) fn give(&mut self, kind: CommandKind) -> Outcome {
        let command = self.command(kind);
        self.carry_out(&command)
    }

    pub(crate) fn waiting(&self) -> Vec<Conversation> {
        let waiting = self
            .conversations
            .values()
            .filter(|one| one.status == ConversationStatus::Waiting && one.snoozed_until.is_none());
        let mut waiting: Vec<_> = waiting.cloned().collect();
        queue::in_order(&mut waiting);
        waiting
    }

    /// Gives waiting conversations to free agents.
    pub(crate) fn draw(&mut self) {
        let agents: Vec<Agent> = self.agents.values().cloned().collect();
        for drawn in assign::draw(self.settings.policy, &self.waiting(), &agents, self.now) {
            let ticket = self.tickets.get(&drawn.conversation.ticket_id);
            let decision = decide::assign(&tenant(), &self.settings, &drawn, ticket, self.now);
            let id = decide::assign_command_id(&drawn.conversation);
            self.commit(&id, decision).expect("what was drawn together fits together");
        }
    }

    /// Lets time go on and fires the timers that fall due, in their order.
    pub(crate) fn advance(&mut self, milliseconds: u64) {
        let until = self.now + milliseconds;
        while let Some((id, at)) = self.next_timer().filter(|(_, at)| *at <= until) {
            let (_, kind) = self.timers.remove(&id).expect("it was just seen");
            self.now = self.now.max(at);
            self.give(kind);
        }
        self.now = until;
    }

    fn next_timer(&self) -> Option<(String, u64)> {
        let timers = self.timers.iter().map(|(id, (at, _))| (id.clone(), *at));
        timers.min_by_key(|(_, at)| *at)
    }

    pub(crate) fn conversation(&self, number: u32) -> &Conversation {
        &self.conversations[&conversation(number)]
    }

    pub(crate) fn agent(&self, name: &str) -> &Agent {
        &self.agents[&user(name)]
    }

    /// Name of the agent who has the conversation.
    pub(crate) fn holder(&self, number: u32) -> Option<&str> {
        self.conversation(number).agent.as_ref().map(|agent| agent.id.as_str())
    }
}
