//! Automatic replies: written only as long as no agent has had the conversation, on the version that says so.

use confab_protocol::{Author, Body, ErrorCode};

use super::{Builder, Decision, State, found_conversation};
use crate::command::{Actor, Command, CommandKind, Refusal};
use crate::model::Conversation;

pub(super) fn auto_reply(command: &Command, state: &State) -> Result<Decision, Refusal> {
    let CommandKind::AutoReply { name, text, hands_over, .. } = &command.kind else {
        return Ok(Decision::nothing());
    };
    let conversation = found_conversation(state)?;
    if !conversation.takes_auto_replies() {
        // Who asks for a person and has one, or is waiting for one, has what they want.
        return match command.actor {
            Actor::User { .. } => Ok(Decision::already(conversation)),
            Actor::System => {
                Err(Refusal::new(ErrorCode::Conflict, "the conversation takes no more automatic replies"))
            }
        };
    }
    let mut build = Builder::of(command, state);
    let body = Body::Text { text: text.clone() };
    build.event(conversation.channel(), Author::automatic(name), body);
    // A new version: whoever accepts it at the same time decides after this, or this is decided anew after them.
    build.conversation(Some(conversation), Conversation { handed_over: *hands_over, ..conversation.next() });
    Ok(build.done())
}

#[cfg(test)]
mod tests {
    use confab_protocol::api::{ConversationStatus, Party, Priority};
    use confab_protocol::{CommandId, ConversationId, Role, TenantId, TicketId, UserId};

    use super::*;
    use crate::command::Outcome;
    use crate::decide::{Change, Changed, decide};

    fn party(id: &str) -> Party {
        Party { id: UserId::parse(id).expect("an id"), name: id.into() }
    }

    fn waiting() -> Conversation {
        Conversation {
            id: ConversationId::parse("c-1").expect("an id"),
            ticket_id: TicketId::parse("t-1").expect("an id"),
            status: ConversationStatus::Waiting,
            customer: party("mohan"),
            agent: None,
            last_agent: None,
            avoid: None,
            issue_type: "PAYMENT".into(),
            team: None,
            priority: Priority::Medium,
            started_at: 1,
            queued_at: Some(1),
            assigned_at: None,
            ended_at: None,
            labels: Vec::new(),
            snoozed_until: None,
            satisfaction: None,
            handed_over: false,
            version: 1,
        }
    }

    fn reply(conversation: &Conversation, actor: Actor, hands_over: bool) -> Decision {
        let kind = CommandKind::AutoReply {
            conversation: conversation.id.clone(),
            name: "Assistant".into(),
            text: "Five days.".into(),
            hands_over,
        };
        let command = Command {
            id: CommandId::parse("k-1").expect("an id"),
            tenant: TenantId::parse("acme").expect("an id"),
            at: 1,
            actor,
            kind,
        };
        decide(&command, &State { conversation: Some(conversation.clone()), ..State::default() }, 5)
    }

    #[test]
    fn a_reply_takes_a_version_and_the_last_one_ends_them() {
        let decision = reply(&waiting(), Actor::System, true);
        let Some(Change::Conversation(Changed { after, .. })) = decision.changes.first() else {
            panic!("{decision:?}")
        };
        assert_eq!((after.version, after.handed_over, after.status), (2, true, ConversationStatus::Waiting));
        assert!(decision.events.iter().any(|event| event.author == Author::automatic("Assistant")));
        assert_eq!(reply(after, Actor::System, false).changes, Vec::new());
    }

    #[test]
    fn an_agent_who_has_or_had_it_ends_them() {
        let active = waiting().assigned_to(party("asha"), 2);
        let requeued = active.waiting_since(3);
        let closed = waiting().closed(3);
        for conversation in [active, requeued, closed] {
            let decision = reply(&conversation, Actor::System, false);
            assert!(matches!(decision.outcome, Outcome::Refused(_)), "{decision:?}");
            assert_eq!((decision.changes.len(), decision.events.len()), (0, 0));
        }
    }

    #[test]
    fn asking_for_a_person_twice_says_it_once() {
        let mohan = || {
            let id = UserId::parse("mohan").expect("an id");
            Actor::User { id, name: "Mohan".into(), role: Role::Customer }
        };
        let handed_over = Conversation { handed_over: true, ..waiting() };
        let again = reply(&handed_over, mohan(), true);
        assert!(matches!(again.outcome, Outcome::Done { conversation: Some(_), .. }));
        assert_eq!((again.changes.len(), again.events.len()), (0, 0));
        assert_eq!(reply(&waiting(), mohan(), true).changes.len(), 1);
    }
}
