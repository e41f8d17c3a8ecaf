//! Five hundred agents race for two hundred waiting conversations: each is won once, and the losers hear by whom.

use std::collections::{BTreeMap, BTreeSet};

use confab_client::{ClientError, HttpClient};
use confab_domain::{Policy, TenantSettings};
use confab_protocol::api::{ConversationStatus, ConversationView};
use confab_protocol::{ConversationId, ErrorCode, UserId};
use confab_testhub::cluster::Cluster;
use confab_testhub::people::Staff;
use confab_testhub::person::start_request;
use confab_testhub::recorder::Recorder;
use confab_testkit::wait::{self, SOON};
use tokio_util::task::TaskTracker;

const AGENTS: usize = 500;
const CONVERSATIONS: usize = 200;
/// Conversations that each agent tries to get, one after the other, in each round.
const TRIES: usize = 4;

/// What one agent was told of one conversation.
struct Attempt {
    agent: UserId,
    conversation: ConversationId,
    answer: Result<ConversationView, ClientError>,
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_agents_who_accept_a_conversation_exactly_one_wins() {
    let manual = TenantSettings { policy: Policy::Manual, ..TenantSettings::default() };
    let cluster = Cluster::builder().edges(2).workers(2).tenant(manual).start().await;
    let tenant = cluster.tenant();
    let mut agents = Vec::new();
    for number in 0..AGENTS {
        // Some have room for more than one, so that capacity and conflict both occur.
        agents.push(tenant.agent(&format!("Agent-{number}"), 1 + u32::from(number % 5 == 0)).await);
    }
    let mut conversations = Vec::new();
    for number in 0..CONVERSATIONS {
        let request = start_request(&format!("Customer {number}"), "Help", &tenant.id);
        let started = cluster.http(number % 2).start(&request).await.expect("the conversation begins");
        conversations.push(started.conversation_id);
    }
    wait::until("all conversations wait", SOON, || async {
        tenant.store.waiting_count().await.is_ok_and(|waiting| waiting == CONVERSATIONS as u64)
    })
    .await;

    let mut winners: BTreeMap<ConversationId, UserId> = BTreeMap::new();
    let mut won: BTreeMap<UserId, u32> = BTreeMap::new();
    let mut conflicts: Vec<(ConversationId, UserId)> = Vec::new();
    for round in 0..10 {
        let open: Vec<_> = conversations.iter().filter(|id| !winners.contains_key(id)).cloned().collect();
        if open.is_empty() {
            break;
        }
        let tracker = TaskTracker::new();
        let tasks: Vec<_> = agents
            .iter()
            .enumerate()
            .map(|(number, agent)| {
                let mine =
                    (0..TRIES).map(|attempt| open[(number + round + attempt * 7) % open.len()].clone());
                let http = cluster.http(number % 2).with_token(&agent.token);
                tracker.spawn(race(http, agent.clone(), mine.collect()))
            })
            .collect();
        for task in tasks {
            for Attempt { agent, conversation, answer } in task.await.expect("nobody panics") {
                match answer {
                    Ok(view) => {
                        assert_eq!(view.agent.map(|party| party.id), Some(agent.clone()));
                        // Accepting one's own conversation again is no second win.
                        if winners.insert(conversation.clone(), agent.clone()).as_ref() != Some(&agent) {
                            *won.entry(agent).or_default() += 1;
                        }
                    }
                    Err(ClientError::Refused(problem)) => match problem.code {
                        ErrorCode::AlreadyAssigned => {
                            conflicts.push((conversation, problem.winner.expect("the winner is named").id));
                        }
                        ErrorCode::CapacityExceeded => {
                            assert!(won.contains_key(&agent) || round == 0, "{agent} has no conversation");
                        }
                        other => panic!("{agent} was told {other:?}: {}", problem.detail),
                    },
                    Err(error) => panic!("{agent} got no answer: {error}"),
                }
            }
        }
    }
    assert_eq!(winners.len(), CONVERSATIONS, "everything was accepted");
    assert_eq!(won.values().sum::<u32>() as usize, CONVERSATIONS, "a conversation was won twice");
    assert!(conflicts.len() > CONVERSATIONS, "there was no race to speak of: {} conflicts", conflicts.len());
    for (conversation, named) in &conflicts {
        assert_eq!(winners.get(conversation), Some(named), "a loser was told the wrong winner");
    }
    for conversation in &conversations {
        let stored = tenant.store.conversation(conversation).await.expect("the database answers");
        let stored = stored.expect("the conversation is stored");
        assert_eq!(stored.status, ConversationStatus::Active);
        assert_eq!(stored.agent.map(|party| party.id).as_ref(), winners.get(conversation));
    }
    let busy: BTreeSet<_> = winners.values().collect();
    assert!(busy.len() >= CONVERSATIONS / 2, "few agents won it all");
    let recorder = Recorder::default();
    recorder.read_state(&tenant.store, &conversations).await;
    recorder.assert_kept();
}

async fn race(http: HttpClient, agent: Staff, conversations: Vec<ConversationId>) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for conversation in conversations {
        let answer = http.accept(&conversation).await;
        attempts.push(Attempt { agent: agent.id.clone(), conversation, answer });
    }
    attempts
}
