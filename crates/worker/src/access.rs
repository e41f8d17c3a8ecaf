//! Whether a command may be given by its actor, once its records are known.

use confab_auth::permissions::{Action, Relation, allowed};
use confab_domain::{Actor, Command, CommandKind, Refusal, State};
use confab_protocol::{ErrorCode, Role, UserId};

/// Refuses what the actor may not do. What the hub itself does is always allowed.
pub(crate) fn check(command: &Command, state: &State) -> Result<(), Refusal> {
    let Actor::User { id, role, .. } = &command.actor else { return Ok(()) };
    let relation = if is_own(&command.kind, state, id) { Relation::Own } else { Relation::Tenant };
    let of_another = state.conversation.as_ref().is_some_and(|conversation| conversation.customer.id != *id);
    if *role == Role::Customer && of_another {
        return Err(Refusal::new(ErrorCode::NotFound, "no such conversation"));
    }
    let of_another = state.ticket.as_ref().is_some_and(|ticket| ticket.customer.id != *id);
    if *role == Role::Customer && command.kind.ticket().is_some() && of_another {
        return Err(Refusal::new(ErrorCode::NotFound, "no such ticket"));
    }
    let lacks_ticket = needs_ticket(&command.kind) && state.ticket.is_none();
    if lacks_ticket || (needs_conversation(&command.kind) && state.conversation.is_none()) {
        // The decision answers this, the same for everybody.
        return Ok(());
    }
    match action(&command.kind, relation) {
        Some(action) if allowed(*role, action, relation) => Ok(()),
        _ => Err(Refusal::new(ErrorCode::Forbidden, "your role does not permit this")),
    }
}

/// What the command does in the terms of the permissions; `None` for what only the hub itself does.
fn action(kind: &CommandKind, relation: Relation) -> Option<Action> {
    let action = match kind {
        CommandKind::Start { .. } => Action::StartChat,
        CommandKind::Accept { .. } => Action::AcceptConversation,
        CommandKind::Close { .. } => Action::CloseConversation,
        CommandKind::Reopen { .. } => Action::ReopenConversation,
        CommandKind::Requeue { .. } => Action::RequeueConversation,
        CommandKind::Transfer { .. } => Action::TransferConversation,
        CommandKind::SetAvailability { .. } if relation == Relation::Own => Action::SetOwnAvailability,
        CommandKind::SetAvailability { .. } => Action::SetOthersAvailability,
        CommandKind::ConfigureAgent { .. } => Action::Administer,
        CommandKind::SetLabels { .. } => Action::LabelConversation,
        CommandKind::Snooze { .. } | CommandKind::Wake { .. } => Action::SnoozeConversation,
        CommandKind::Escalate { .. } => Action::EscalateConversation,
        CommandKind::Rate { .. } => Action::AnswerSurvey,
        CommandKind::AutoReply { hands_over: true, .. } => Action::AskForPerson,
        CommandKind::CreateTicket { .. } => Action::CreateTicket,
        CommandKind::UpdateTicket { .. } => Action::UpdateTicket,
        CommandKind::DeleteTicket { .. } => Action::DeleteTicket,
        CommandKind::MergeTicket { .. } => Action::MergeTickets,
        CommandKind::AgentConnected { .. }
        | CommandKind::AgentDisconnected { .. }
        | CommandKind::AgentGraceOver { .. }
        | CommandKind::IdleCheck { .. }
        | CommandKind::AbandonCheck { .. }
        | CommandKind::WakeTicket { .. }
        | CommandKind::ServiceCheck { .. }
        | CommandKind::AutoReply { .. }
        | CommandKind::Draw => return None,
    };
    Some(action)
}

fn needs_conversation(kind: &CommandKind) -> bool {
    kind.conversation().is_some() && !matches!(kind, CommandKind::Start { .. })
}

fn needs_ticket(kind: &CommandKind) -> bool {
    kind.ticket().is_some() && !matches!(kind, CommandKind::CreateTicket { .. } | CommandKind::Start { .. })
}

/// Whether the actor acts on what is theirs. Being named as the receiver of a transfer makes nothing one's own.
fn is_own(kind: &CommandKind, state: &State, actor: &UserId) -> bool {
    match kind {
        CommandKind::Start { customer, .. } | CommandKind::CreateTicket { customer, .. } => {
            customer.id == *actor
        }
        CommandKind::Accept { agent, .. } | CommandKind::SetAvailability { agent, .. } => agent == actor,
        _ if kind.ticket().is_some() => state.ticket.as_ref().is_some_and(|ticket| {
            let works = ticket.assigned_agent.as_ref().is_some_and(|agent| agent.id == *actor);
            works || ticket.customer.id == *actor
        }),
        _ => state.conversation.as_ref().is_some_and(|conversation| {
            let holder = conversation.view().agent;
            conversation.customer.id == *actor || holder.is_some_and(|agent| agent.id == *actor)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_domain::{Conversation, TransferTarget};
    use confab_protocol::api::{Availability, ConversationStatus, Party, Priority};
    use confab_protocol::{ClientId, CommandId, ConversationId, TenantId, TicketId};
    use rstest::rstest;

    fn user(id: &str) -> UserId {
        UserId::parse(id).expect("an id")
    }

    fn party(id: &str) -> Party {
        Party { id: user(id), name: id.into() }
    }

    fn conversation_id() -> ConversationId {
        ConversationId::parse("c-1").expect("an id")
    }

    /// Mohan's conversation, with Asha.
    fn state() -> State {
        let conversation = Conversation {
            id: conversation_id(),
            ticket_id: TicketId::parse("t-1").expect("an id"),
            status: ConversationStatus::Active,
            customer: party("mohan"),
            agent: Some(party("asha")),
            last_agent: Some(party("asha")),
            avoid: None,
            issue_type: "PAYMENT".into(),
            team: None,
            priority: Priority::Medium,
            started_at: 1,
            queued_at: None,
            assigned_at: Some(2),
            ended_at: None,
            labels: Vec::new(),
            snoozed_until: None,
            satisfaction: None,
            handed_over: false,
            version: 2,
        };
        State { conversation: Some(conversation), ..State::default() }
    }

    fn given(id: &str, role: Role, kind: CommandKind) -> Command {
        Command {
            id: CommandId::parse("k-1").expect("an id"),
            tenant: TenantId::parse("acme").expect("an id"),
            at: 1,
            actor: Actor::User { id: user(id), name: id.into(), role },
            kind,
        }
    }

    fn code(id: &str, role: Role, kind: CommandKind) -> Option<ErrorCode> {
        check(&given(id, role, kind), &state()).err().map(|refusal| refusal.code)
    }

    #[rstest]
    #[case("mohan", Role::Customer, None)]
    #[case("eve", Role::Customer, Some(ErrorCode::NotFound))]
    #[case("asha", Role::Agent, None)]
    #[case("ben", Role::Agent, Some(ErrorCode::Forbidden))]
    #[case("sue", Role::Supervisor, None)]
    fn who_may_close(#[case] id: &str, #[case] role: Role, #[case] expected: Option<ErrorCode>) {
        assert_eq!(code(id, role, CommandKind::Close { conversation: conversation_id() }), expected);
    }

    #[test]
    fn nobody_draws_a_conversation_to_themselves_by_a_transfer() {
        let to = TransferTarget::Agent(user("ben"));
        let kind = CommandKind::Transfer { conversation: conversation_id(), to, note: None };
        assert_eq!(code("ben", Role::Agent, kind.clone()), Some(ErrorCode::Forbidden));
        assert_eq!(code("asha", Role::Agent, kind.clone()), None);
        assert_eq!(code("mohan", Role::Customer, kind.clone()), Some(ErrorCode::Forbidden));
        assert_eq!(code("eve", Role::Customer, kind), Some(ErrorCode::NotFound));
    }

    #[test]
    fn availability_is_ones_own_or_a_leads() {
        let kind = CommandKind::SetAvailability { agent: user("asha"), availability: Availability::Away };
        assert_eq!(code("asha", Role::Agent, kind.clone()), None);
        assert_eq!(code("ben", Role::Agent, kind.clone()), Some(ErrorCode::Forbidden));
        assert_eq!(code("sue", Role::Supervisor, kind), None);
    }

    #[test]
    fn a_customer_starts_for_themselves_only() {
        let kind = CommandKind::Start {
            conversation: conversation_id(),
            ticket: TicketId::parse("t-2").expect("an id"),
            customer: party("mohan"),
            issue_type: "PAYMENT".into(),
            team: None,
            priority: Priority::Medium,
            client_id: ClientId::parse("m-1").expect("an id"),
            message: "Hello".into(),
            continues: false,
        };
        let started = |id: &str, role| check(&given(id, role, kind.clone()), &State::default()).is_ok();
        assert!(started("mohan", Role::Customer));
        assert!(!started("eve", Role::Customer));
        assert!(started("asha", Role::Agent));
    }

    #[test]
    fn what_the_hub_does_is_for_nobody_else() {
        let kind = CommandKind::AbandonCheck { conversation: conversation_id() };
        assert_eq!(code("adam", Role::Admin, kind.clone()), Some(ErrorCode::Forbidden));
        let by_hub = Command { actor: Actor::System, ..given("adam", Role::Admin, kind) };
        assert!(check(&by_hub, &state()).is_ok());
    }
}
