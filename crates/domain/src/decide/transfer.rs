//! Giving a conversation to another agent or team.

use confab_protocol::api::ConversationStatus;
use confab_protocol::{Body, ErrorCode, SystemEvent, UnixMillis};

use super::{Builder, Decision, State, found_agent, found_conversation, impossible, queueing};
use crate::command::{Command, Refusal, TransferTarget};

pub(super) fn transfer(
    command: &Command,
    state: &State,
    to: &TransferTarget,
    note: Option<&str>,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    if conversation.status == ConversationStatus::Closed {
        return Err(impossible(conversation, "transferred"));
    }
    let mut build = Builder::of(command, state);
    if let Some(text) = note {
        let body = Body::Note { text: text.to_owned() };
        build.event(conversation.notes(), command.actor.author(), body);
    }
    match to {
        TransferTarget::Agent(_) => {
            let agent = found_agent(state)?;
            if conversation.agent.as_ref().is_some_and(|holder| holder.id == agent.id) {
                return Err(Refusal::new(
                    ErrorCode::Invalid,
                    format!("{} has this conversation already", agent.name),
                ));
            }
            queueing::require_slot(agent)?;
            let text = format!("The conversation was transferred to {}.", agent.name);
            build.system(conversation, SystemEvent::ConversationTransferred, text, Some(agent));
            let after = conversation.assigned_to(agent.party(), now);
            build.free_holder(conversation, &after, state.holder.as_ref(), now);
            build.assign(conversation, agent, state.ticket.as_ref(), &state.settings, now);
        }
        TransferTarget::Team(team) => {
            let mut waiting = conversation.waiting_since(now);
            waiting.team = Some(team.clone());
            waiting.avoid = conversation.agent.as_ref().map(|agent| agent.id.clone());
            let text = format!("The conversation was transferred to {team}.");
            build.system(conversation, SystemEvent::ConversationTransferred, text, None);
            build.no_longer_snoozed(conversation);
            build.free_holder(conversation, &waiting, state.holder.as_ref(), now);
            build.enqueue(Some(conversation), waiting, &state.settings, now);
        }
    }
    Ok(build.done())
}
