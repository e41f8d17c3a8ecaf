//! Assignment: which waiting conversation goes to which free agent.

use confab_protocol::UnixMillis;

use crate::model::{Agent, Conversation, Policy};

/// One conversation for one agent, both as they are before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The waiting conversation.
    pub conversation: Conversation,
    /// The agent, as left by the assignments before this one.
    pub agent: Agent,
}

/// Gives waiting conversations, in queue order, to available agents until either runs out.
///
/// The oldest conversation that somebody fits is always served before any younger one for which the same agent would
/// do. `waiting` must be in queue order. Under [`Policy::Manual`] nothing is given.
pub fn draw(policy: Policy, waiting: &[Conversation], agents: &[Agent], now: UnixMillis) -> Vec<Assignment> {
    let mut free: Vec<Agent> = agents.iter().filter(|agent| agent.is_available()).cloned().collect();
    let mut drawn = Vec::new();
    for conversation in waiting {
        if free.is_empty() || policy == Policy::Manual {
            break;
        }
        let Some(chosen) = choose(policy, conversation, &free) else { continue };
        let agent = free[chosen].clone();
        free[chosen] = agent.with_slot_taken(now);
        if !free[chosen].has_slot() {
            free.swap_remove(chosen);
        }
        drawn.push(Assignment { conversation: conversation.clone(), agent });
    }
    drawn
}

fn choose(policy: Policy, conversation: &Conversation, agents: &[Agent]) -> Option<usize> {
    let fitting = agents.iter().enumerate().filter(|(_, agent)| agent.fits(conversation));
    let best = match policy {
        Policy::Manual => None,
        Policy::RoundRobin => fitting.min_by_key(|(_, agent)| (agent.last_assigned_at, agent.id.clone())),
        Policy::LongestIdle => fitting.min_by_key(|(_, agent)| {
            (agent.active > 0, agent.idle_since, agent.last_assigned_at, agent.id.clone())
        }),
        Policy::LeastBusy => fitting.min_by_key(|(_, agent)| {
            // The share of the capacity in use, in thousandths, so that it is ordered and exact enough.
            let share = u64::from(agent.active) * 1000 / u64::from(agent.capacity.max(1));
            (share, agent.last_assigned_at, agent.id.clone())
        }),
    };
    best.map(|(index, _)| index)
}
