//! Agents come, go, and say whether they take conversations.

use confab_protocol::api::{Availability, ConversationStatus};
use confab_protocol::{SystemEvent, UnixMillis};

use super::{Builder, Decision, State, found_agent, grace_timer, idle_timer};
use crate::command::{Command, CommandKind, Outcome, Refusal};
use crate::model::Agent;

pub(super) fn set_availability(
    command: &Command,
    state: &State,
    availability: Availability,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let agent = found_agent(state)?;
    let mut changed = Agent { availability, ..agent.next() };
    if availability == Availability::Online && agent.availability != Availability::Online && agent.active == 0
    {
        changed.idle_since = now;
    }
    Ok(written(command, state, changed))
}

pub(super) fn connected(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let agent = found_agent(state)?;
    if agent.connected {
        return Ok(unchanged(agent));
    }
    let mut changed = Agent { connected: true, disconnected_at: None, ..agent.next() };
    if agent.active == 0 {
        changed.idle_since = now;
    }
    let mut decision = written(command, state, changed);
    decision.timers.push(super::TimerOp::Cancel { id: grace_timer(&agent.id) });
    Ok(decision)
}

pub(super) fn disconnected(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let agent = found_agent(state)?;
    if !agent.connected {
        return Ok(unchanged(agent));
    }
    let changed = Agent { connected: false, disconnected_at: Some(now), ..agent.next() };
    let mut build = Builder::of(command, state);
    let over = CommandKind::AgentGraceOver { agent: agent.id.clone(), since: now };
    build.set_timer(grace_timer(&agent.id), now + state.settings.vanish_grace_ms, over);
    build.agent(changed);
    Ok(build.done())
}

pub(super) fn grace_over(
    command: &Command,
    state: &State,
    since: UnixMillis,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let agent = found_agent(state)?;
    if agent.connected || agent.disconnected_at != Some(since) {
        return Ok(unchanged(agent));
    }
    let mut build = Builder::of(command, state);
    let mut left = agent.clone();
    for conversation in state.held.iter().filter(|held| held.status == ConversationStatus::Active) {
        // They keep the place they had: who was being served does not go behind those who never were.
        let waiting = conversation.waiting_since(conversation.started_at);
        let text = format!("{} is gone; looking for another agent.", agent.name);
        build.system(&waiting, SystemEvent::AgentLost, text, Some(agent));
        build.chat_removed(&agent.id, &waiting);
        build.cancel_timer(idle_timer(&waiting));
        build.enqueue(Some(conversation), waiting, &state.settings, now);
        left.active = left.active.saturating_sub(1);
    }
    if left.active != agent.active {
        build.agent(Agent { idle_since: now, ..left.next() });
    }
    Ok(build.done())
}

fn written(command: &Command, state: &State, changed: Agent) -> Decision {
    let mut build = Builder::of(command, state);
    build.decision.draws = changed.is_available();
    build.agent(changed);
    build.done()
}

fn unchanged(agent: &Agent) -> Decision {
    let outcome = Outcome::Done { conversation: None, agent: Some(agent.view()), ticket: None };
    Decision { outcome, draws: agent.is_available(), ..Decision::nothing() }
}
