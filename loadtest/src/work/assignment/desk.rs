//! Who has which conversation, as the feeds of customers and agents tell it, and how long each step took.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use confab_client::{ChatClient, ChatEvent, ChatOptions, Credentials, HttpClient, Position};
use confab_protocol::api::ConversationView;
use confab_protocol::{Body, Channel, ConversationId, UserId};
use tokio_util::task::TaskTracker;

use crate::measurements::{Measurements, count};
use crate::system::{Person, System};

/// The board everybody writes on. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    measurements: Arc<Measurements>,
    tasks: TaskTracker,
    board: Arc<Mutex<Board>>,
}

#[derive(Debug, Default)]
struct Board {
    cases: HashMap<ConversationId, Case>,
    /// How long agents take for a conversation; for ever, when absent.
    hold: Option<Duration>,
    /// Agents' own clients of the API.
    agents: HashMap<UserId, HttpClient>,
    /// Slots that were freed and have no next conversation yet, by agent.
    freed: HashMap<UserId, Vec<Instant>>,
    clients: Vec<ChatClient>,
    /// Conversations that somebody else than before was told to have.
    disputed: Vec<String>,
}

/// A conversation.
#[derive(Debug, Default)]
struct Case {
    due: Option<Instant>,
    customer_knows: Option<Instant>,
    agent_knows: Option<Instant>,
    agent: Option<UserId>,
    is_measured: bool,
    is_closing: bool,
    is_closed: bool,
}

impl Desk {
    pub(super) fn new(measurements: Arc<Measurements>) -> Self {
        Self { measurements, tasks: TaskTracker::new(), board: Arc::default() }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody connects and follows their feed; an agent is somebody with a client of the API.
    pub(super) async fn seat(
        &self,
        system: &System,
        person: &Person,
        number: usize,
        agent: Option<HttpClient>,
    ) -> Result<()> {
        let is_agent = agent.is_some();
        self.board().agents.extend(agent.map(|http| (person.id.clone(), http)));
        let credentials = Credentials { token: person.token.clone(), refresh_token: None };
        let mut options = ChatOptions::new(system.urls[0].clone(), credentials);
        options.urls = system.urls_from(number);
        options.receipts = false;
        let (client, mut events) = ChatClient::start(options)?;
        let feed = Channel::UserFeed(system.tenant.clone(), person.id.clone());
        client.join(feed, Some(Position { seq: 0, epoch: String::new() })).await?;
        while !matches!(events.recv().await, Some(ChatEvent::Joined { .. }) | None) {}
        self.board().clients.push(client);
        let (desk, id) = (self.clone(), person.id.clone());
        self.tasks.spawn(async move {
            while let Some(event) = events.recv().await {
                if let ChatEvent::Entry(delivery) = event
                    && let Body::NewChat { conversation, .. } = delivery.entry.body
                {
                    desk.told(&id, is_agent, &conversation);
                }
            }
        });
        Ok(())
    }

    /// From now on agents take so long for a conversation.
    pub(super) fn hold(&self, time: Option<Duration>) {
        self.board().hold = time;
    }

    /// The hub has taken a request that was due at `due`.
    pub(super) fn started(&self, id: &ConversationId, due: Instant) {
        let mut board = self.board();
        board.cases.entry(id.clone()).or_default().due = Some(due);
        self.measure(&mut board, id);
    }

    /// Somebody was told that a conversation has an agent.
    fn told(&self, who: &UserId, is_agent: bool, view: &ConversationView) {
        let now = Instant::now();
        let agent = view.agent.as_ref().map(|agent| agent.id.clone());
        self.measurements.history.assignment(&view.id, view.version, agent.as_ref());
        let mut board = self.board();
        let Board { cases, freed, hold, disputed, .. } = &mut *board;
        let case = cases.entry(view.id.clone()).or_default();
        if let (Some(before), Some(now)) = (&case.agent, &agent)
            && before != now
        {
            disputed.push(format!("{} was given to {before} and to {now}", view.id));
        }
        case.agent = agent;
        if is_agent {
            case.agent_knows = Some(now);
            if let Some(since) = freed.get_mut(who).and_then(Vec::pop) {
                self.measurements.record("refill", self.measurements.stamp(since));
            }
            if let Some(hold) = *hold {
                case.is_closing = true;
                self.close_after(who.clone(), view.id.clone(), hold);
            }
        } else {
            case.customer_knows = Some(now);
        }
        self.measure(&mut board, &view.id);
    }

    /// Once both sides know, and it is known when the request was due: the later of the two counts.
    fn measure(&self, board: &mut Board, id: &ConversationId) {
        let Some(case) = board.cases.get_mut(id) else { return };
        let (Some(due), Some(customer), Some(agent)) = (case.due, case.customer_knows, case.agent_knows)
        else {
            return;
        };
        // What waits for a slot measures the agents' pace, not the hub's: only the first part's starts count.
        if !case.is_measured && board.hold.is_some() {
            let late = customer.max(agent).elapsed();
            let due = self.measurements.stamp(due + late);
            self.measurements.delivered("assigned", due);
        }
        case.is_measured = true;
    }

    fn close_after(&self, agent: UserId, id: ConversationId, time: Duration) {
        let desk = self.clone();
        self.tasks.spawn(async move {
            tokio::time::sleep(time).await;
            desk.close(&agent, &id).await;
        });
    }

    async fn close(&self, agent: &UserId, id: &ConversationId) {
        let http = self.board().agents.get(agent).cloned();
        let Some(http) = http else { return };
        if let Err(error) = http.close(id).await {
            count(&self.measurements.counts.refused);
            eprintln!("a conversation can't be closed: {error}");
        }
        if let Some(case) = self.board().cases.get_mut(id) {
            case.is_closed = true;
        }
    }

    /// Closes some conversation that has an agent, and notes since when that slot waits for the next one.
    pub(super) fn close_one(&self, due: Instant) {
        let mut board = self.board();
        let open = board.cases.iter_mut().find(|(_, case)| case.agent_knows.is_some() && !case.is_closing);
        let Some((id, case)) = open else { return };
        case.is_closing = true;
        let (id, agent) = (id.clone(), case.agent.clone());
        let Some(agent) = agent else { return };
        board.freed.entry(agent.clone()).or_default().push(due);
        drop(board);
        self.close_after(agent, id, Duration::ZERO);
    }

    /// Waits until it is so, or too long has passed.
    pub(super) async fn settle(&self, limit: Duration, poll: Duration, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) && begun.elapsed() < limit {
            tokio::time::sleep(poll).await;
        }
    }

    pub(super) fn is_all_assigned(&self) -> bool {
        self.unassigned() == 0
    }

    pub(super) fn is_all_closed(&self) -> bool {
        self.board().cases.values().all(|case| case.is_closed)
    }

    /// Conversations of which one side has not heard.
    pub(super) fn unassigned(&self) -> u64 {
        let is_missing = |case: &&Case| case.customer_knows.is_none() || case.agent_knows.is_none();
        self.board().cases.values().filter(is_missing).count() as u64
    }

    /// Conversations that have an agent.
    pub(super) fn active(&self) -> usize {
        self.board().cases.values().filter(|case| case.agent_knows.is_some() && !case.is_closed).count()
    }

    pub(super) fn conversations(&self) -> Vec<ConversationId> {
        self.board().cases.keys().cloned().collect()
    }

    pub(super) fn violations(&self) -> Vec<String> {
        self.board().disputed.clone()
    }

    /// Everybody leaves.
    pub(super) async fn stop(&self) {
        let clients = std::mem::take(&mut self.board().clients);
        for client in clients {
            client.stop().await;
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}
