//! Rooms of two: a customer at one edge, an agent at the next.

use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_client::{ClientError, HttpClient};
use confab_protocol::api::{Priority, StartRequest, StartResponse};
use confab_protocol::{Channel, ConversationId, ErrorCode, TenantId};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::system::{Person, System};
use crate::voices::{Introduction, Voice, Voices};

/// Rooms of one agent.
pub(crate) const ROOMS_PER_AGENT: usize = 5;
/// Requests under way while rooms are made, and connections while people come.
const PARALLEL: usize = 16;
/// Attempts to accept a conversation that the worker has not made yet, and the pause between them.
const ACCEPT_ATTEMPTS: usize = 500;
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// A conversation that has an agent.
#[derive(Debug)]
pub(crate) struct Room {
    started: StartResponse,
    agent: usize,
}

impl Room {
    /// The conversation.
    pub(crate) fn id(&self) -> ConversationId {
        self.started.conversation_id.clone()
    }

    /// Whether the agent or the customer prefers this one of so many edges.
    pub(crate) fn is_at(&self, edge: usize, edges: usize) -> bool {
        self.agent % edges == edge || (self.agent + 1) % edges == edge
    }

    /// Its channel.
    pub(crate) fn channel(&self) -> Channel {
        Channel::Conversation(self.id())
    }
}

/// A request of a customer.
pub(crate) fn start_request(tenant: &TenantId, name: String) -> StartRequest {
    StartRequest {
        details: None,
        tenant: Some(tenant.clone()),
        issue_type: "LOAD".to_owned(),
        message: "Hello".to_owned(),
        client_id: None,
        name: Some(name),
        team: None,
        priority: Priority::Medium,
        ticket_id: None,
    }
}

/// Starts conversations and has agents take them, some at a time.
pub(crate) async fn open(system: &System, count: usize) -> Result<Vec<Room>> {
    stream::iter(0..count).map(|number| open_one(system, number)).buffered(PARALLEL).try_collect().await
}

async fn open_one(system: &System, number: usize) -> Result<Room> {
    let agent = number / ROOMS_PER_AGENT % system.agents.len();
    let request = start_request(&system.tenant, format!("Customer {number}"));
    // The customer's edge is the one after the agent's.
    let started = system.http(agent + 1)?.start(&request).await.context("a conversation can't be started")?;
    let http = system.http(agent)?.with_token(&system.agents[agent].token);
    accept(&http, &started.conversation_id).await?;
    Ok(Room { started, agent })
}

async fn accept(http: &HttpClient, id: &ConversationId) -> Result<()> {
    for _ in 0..ACCEPT_ATTEMPTS {
        match http.accept(id).await {
            Ok(_) => return Ok(()),
            Err(ClientError::Refused(problem)) if problem.code == ErrorCode::NotFound => {}
            Err(error) => return Err(error).context("a conversation can't be accepted"),
        }
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
    anyhow::bail!("the conversation {id} did not come to be");
}

/// Connects everybody. Customers and agents alternate, so that both sides of every room are heard.
pub(crate) async fn enter(system: &System, voices: &Voices, rooms: &[Room]) -> Result<Vec<(Voice, Channel)>> {
    enter_as(system, voices, rooms, |_| "delivery").await
}

/// The same, with deliveries measured under a name for each room.
pub(crate) async fn enter_as(
    system: &System,
    voices: &Voices,
    rooms: &[Room],
    measured_as: impl Fn(&Room) -> &'static str + Copy,
) -> Result<Vec<(Voice, Channel)>> {
    let customers = stream::iter(rooms).map(|room| async move {
        let (id, token) = (room.started.customer_id.clone(), room.started.token.clone());
        let introduction = Introduction {
            name: id.as_str(),
            person: &Person { id: id.clone(), token },
            urls: system.urls_from(room.agent + 1),
            channels: &[room.channel()],
            measured_as: measured_as(room),
        };
        Ok::<_, anyhow::Error>((voices.connect(introduction).await?, room.channel()))
    });
    let customers: Vec<_> = customers.buffered(PARALLEL).try_collect().await?;
    let agents = stream::iter(rooms.chunks(ROOMS_PER_AGENT)).map(|own| async move {
        let person = &system.agents[own[0].agent];
        let channels: Vec<Channel> = own.iter().map(Room::channel).collect();
        let introduction = Introduction {
            name: person.id.as_str(),
            person,
            urls: system.urls_from(own[0].agent),
            channels: &channels,
            measured_as: measured_as(&own[0]),
        };
        let voice = voices.connect(introduction).await?;
        Ok::<_, anyhow::Error>(channels.into_iter().map(move |channel| (voice.clone(), channel)))
    });
    let agents: Vec<_> =
        agents.buffered(PARALLEL).try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
    Ok(customers.into_iter().zip(agents).flat_map(|(customer, agent)| [customer, agent]).collect())
}
