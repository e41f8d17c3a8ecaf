//! What an admin sets about an agent: name, role, capacity, skills, teams, and whether they still work here.

use confab_protocol::api::{Availability, ConversationStatus};
use confab_protocol::{SystemEvent, UnixMillis};

use super::{Builder, Decision, State, idle_timer};
use crate::command::{Command, CommandKind};
use crate::model::Agent;

pub(super) fn configure(command: &Command, state: &State, now: UnixMillis) -> Decision {
    let CommandKind::ConfigureAgent { agent: id, name, role, capacity, skills, teams, enabled } =
        &command.kind
    else {
        return Decision::nothing();
    };
    let before = state.agent.clone();
    // Somebody new to the desk begins with the first version, which is what the store expects of a new record.
    let mut changed =
        before.as_ref().map_or_else(|| Agent::new(id.clone(), name.clone(), *role, *capacity), Agent::next);
    changed.name.clone_from(name);
    changed.role = *role;
    changed.capacity = *capacity;
    changed.skills.clone_from(skills);
    changed.teams.clone_from(teams);
    let mut build = Builder::of(command, state);
    if !enabled {
        changed.availability = Availability::Offline;
        for held in state.held.iter().filter(|held| held.status == ConversationStatus::Active) {
            let waiting = held.waiting_since(held.started_at);
            let text = format!("{name} is gone; looking for another agent.");
            build.system(&waiting, SystemEvent::AgentLost, text, before.as_ref());
            build.chat_removed(id, &waiting);
            build.cancel_timer(idle_timer(&waiting));
            build.enqueue(Some(held), waiting, &state.settings, now);
            changed.active = changed.active.saturating_sub(1);
        }
    }
    build.decision.draws |= changed.is_available();
    build.agent(changed);
    build.done()
}

#[cfg(test)]
mod tests {
    use confab_protocol::{CommandId, Role, TenantId, UserId};

    use super::*;
    use crate::command::Actor;
    use crate::decide::{Change, decide};

    fn configured(before: Option<Agent>, enabled: bool) -> (Agent, Decision) {
        let kind = CommandKind::ConfigureAgent {
            agent: UserId::parse("asha").expect("an id"),
            name: "Asha B".into(),
            role: Role::Supervisor,
            capacity: 7,
            skills: vec!["PAYMENT".into()],
            teams: vec!["billing".into()],
            enabled,
        };
        let command = Command {
            id: CommandId::parse("k").expect("an id"),
            tenant: TenantId::parse("acme").expect("an id"),
            at: 1,
            actor: Actor::System,
            kind,
        };
        let decision = decide(&command, &State { agent: before, ..State::default() }, 5);
        let agent = decision.changes.iter().find_map(|change| match change {
            Change::Agent(agent) => Some(agent.clone()),
            _ => None,
        });
        (agent.expect("the agent changes"), decision)
    }

    #[test]
    fn what_is_set_is_kept_and_what_they_chose_stays() {
        let mut before = Agent::new(UserId::parse("asha").expect("an id"), "Asha", Role::Agent, 1);
        (before.availability, before.connected, before.active) = (Availability::Online, true, 1);
        let (agent, decision) = configured(Some(before), true);
        assert_eq!((agent.name.as_str(), agent.role, agent.capacity), ("Asha B", Role::Supervisor, 7));
        assert_eq!((agent.availability, agent.version, agent.active), (Availability::Online, 2, 1));
        assert!(decision.draws, "there is room for more now");
    }

    #[test]
    fn somebody_new_begins_with_the_first_version_and_who_is_disabled_goes_offline() {
        assert_eq!(configured(None, true).0.version, 1);
        let mut before = Agent::new(UserId::parse("asha").expect("an id"), "Asha", Role::Agent, 1);
        before.availability = Availability::Online;
        let (agent, decision) = configured(Some(before), false);
        assert_eq!(agent.availability, Availability::Offline);
        assert!(!decision.draws);
    }
}
