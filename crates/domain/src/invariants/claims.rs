//! Who has which conversation, and whether they have room for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::history::{History, Name, Record};
use super::violation::Violation;

/// The last version of an agent that was seen.
struct Last {
    version: u64,
    active: u32,
}

pub(super) fn check(history: &History) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut claims: BTreeMap<(&Name, u64), BTreeSet<Option<&Name>>> = BTreeMap::new();
    let mut over: BTreeSet<(&Name, u64)> = BTreeSet::new();
    let mut agents: BTreeMap<&Name, Last> = BTreeMap::new();
    for record in &history.records {
        match record {
            Record::AssignmentSeen { conversation, version, agent } => {
                claims.entry((conversation, *version)).or_default().insert(agent.as_ref());
            }
            Record::AgentSeen { agent, version, active, capacity } => {
                if active > capacity && over.insert((agent, *version)) {
                    violations.push(Violation::CapacityExceeded {
                        agent: agent.clone(),
                        version: *version,
                        active: *active,
                        capacity: *capacity,
                    });
                }
                let last = agents.entry(agent).or_insert(Last { version: 0, active: 0 });
                if *version >= last.version {
                    *last = Last { version: *version, active: *active };
                }
            }
            _ => {}
        }
    }
    for ((conversation, version), agents) in &claims {
        if agents.len() > 1 {
            violations.push(Violation::DoubleClaim {
                conversation: (*conversation).clone(),
                version: *version,
                agents: agents.iter().map(|agent| agent.cloned().unwrap_or_else(|| "".into())).collect(),
            });
        }
    }
    if history.complete.state {
        violations.extend(miscounted(&claims, &agents));
    }
    violations
}

/// Agents whose count is not the number of conversations that name them in their last version.
fn miscounted(
    claims: &BTreeMap<(&Name, u64), BTreeSet<Option<&Name>>>,
    agents: &BTreeMap<&Name, Last>,
) -> Vec<Violation> {
    // Versions ascend, so that the last one of a conversation stays. One that is claimed twice is reported as that.
    let mut holders: HashMap<&Name, Option<&Name>> = HashMap::new();
    for ((conversation, _), claimed) in claims {
        holders.insert(conversation, claimed.iter().next().copied().flatten());
    }
    let mut holds: HashMap<&Name, u32> = HashMap::new();
    for holder in holders.into_values().flatten() {
        *holds.entry(holder).or_default() += 1;
    }
    let counted = agents.iter().filter_map(|(agent, last)| {
        let holds = holds.get(agent).copied().unwrap_or(0);
        (holds != last.active).then(|| Violation::SlotsMiscounted {
            agent: (*agent).clone(),
            says: last.active,
            holds,
        })
    });
    counted.collect()
}
