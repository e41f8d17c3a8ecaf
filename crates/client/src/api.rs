//! The endpoints of the HTTP API, one method each.

use confab_protocol::api::{
    AgentView, Availability, AvailabilityRequest, ConversationPage, ConversationResponse, ConversationStatus,
    ConversationView, HistoryPage, LoginRequest, QueueEntryView, QueueSnapshot, ReadRequest, RenewRequest,
    SendRequest, SendResponse, StartRequest, StartResponse, TokenResponse, TransferRequest, TypingRequest,
    UserView,
};
use confab_protocol::{ClientId, ConversationId, TenantId, UserId};
use serde_json::json;

use crate::{ClientError, HttpClient};

/// Which conversations to list. Everything absent is no restriction.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// Only those with this status.
    pub status: Option<ConversationStatus>,
    /// Only those of one agent; `me` for oneself.
    pub agent: Option<String>,
    /// Only those without an agent.
    pub unassigned: bool,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Length of a page.
    pub limit: Option<u32>,
}

/// To whom a conversation goes.
#[derive(Debug, Clone)]
pub enum TransferTo {
    /// To an agent.
    Agent(UserId),
    /// To a team's queue.
    Team(String),
}

impl HttpClient {
    /// `POST /api/auth/login`.
    pub async fn login(
        &self,
        tenant: &TenantId,
        login: &str,
        password: &str,
    ) -> Result<TokenResponse, ClientError> {
        let body =
            LoginRequest { tenant: tenant.clone(), login: login.to_owned(), password: password.to_owned() };
        self.post("/api/auth/login", &body).await
    }

    /// `POST /api/auth/renew`.
    pub async fn renew(&self, refresh_token: &str) -> Result<TokenResponse, ClientError> {
        self.post("/api/auth/renew", &RenewRequest { refresh_token: refresh_token.to_owned() }).await
    }

    /// `POST /api/chat/start`.
    pub async fn start(&self, request: &StartRequest) -> Result<StartResponse, ClientError> {
        self.post("/api/chat/start", request).await
    }

    /// `GET /api/conversations`.
    pub async fn conversations(&self, filter: &ConversationFilter) -> Result<ConversationPage, ClientError> {
        let mut query = Vec::new();
        let mut add = |name, value: Option<String>| query.extend(value.map(|value| (name, value)));
        add("status", filter.status.map(|status| status.as_str().to_owned()));
        add("agent", filter.agent.clone());
        add("unassigned", filter.unassigned.then(|| "true".to_owned()));
        add("cursor", filter.cursor.clone());
        add("limit", filter.limit.map(|limit| limit.to_string()));
        self.get("/api/conversations", &query).await
    }

    /// `GET /api/conversations/{id}`.
    pub async fn conversation(&self, id: &ConversationId) -> Result<ConversationView, ClientError> {
        self.get(&format!("/api/conversations/{id}"), &[]).await
    }

    /// `GET /api/conversations/{id}/queue`: the place of a waiting conversation.
    pub async fn place(&self, id: &ConversationId) -> Result<QueueEntryView, ClientError> {
        self.get(&format!("/api/conversations/{id}/queue"), &[]).await
    }

    /// `POST /api/conversations/{id}/queue`: back to the queue.
    pub async fn requeue(&self, id: &ConversationId) -> Result<ConversationView, ClientError> {
        self.command(&format!("/api/conversations/{id}/queue"), &json!({})).await
    }

    /// `GET /api/agents`.
    pub async fn agents(&self) -> Result<Vec<AgentView>, ClientError> {
        self.get("/api/agents", &[]).await
    }

    /// `GET /api/auth/me`.
    pub async fn me(&self) -> Result<UserView, ClientError> {
        self.get("/api/auth/me", &[]).await
    }

    /// `GET /api/conversations/{id}/messages`: a page of history, the newest without `before`.
    pub async fn history(
        &self,
        id: &ConversationId,
        before: Option<&str>,
        limit: Option<u32>,
    ) -> Result<HistoryPage, ClientError> {
        let mut query = Vec::new();
        query.extend(before.map(|cursor| ("before", cursor.to_owned())));
        query.extend(limit.map(|limit| ("limit", limit.to_string())));
        self.get(&format!("/api/conversations/{id}/messages"), &query).await
    }

    /// `POST /api/conversations/{id}/messages`.
    pub async fn send(
        &self,
        id: &ConversationId,
        request: &SendRequest,
    ) -> Result<SendResponse, ClientError> {
        self.post(&format!("/api/conversations/{id}/messages"), request).await
    }

    /// A message with a given id; the same id again is the same message.
    pub async fn send_text(
        &self,
        id: &ConversationId,
        client_id: &ClientId,
        text: &str,
    ) -> Result<SendResponse, ClientError> {
        let request =
            SendRequest { client_id: client_id.clone(), text: text.to_owned(), note: false, known: None };
        self.send(id, &request).await
    }

    /// `POST /api/conversations/{id}/typing`.
    pub async fn typing(&self, id: &ConversationId, typing: bool) -> Result<(), ClientError> {
        self.post_quietly(&format!("/api/conversations/{id}/typing"), &TypingRequest { typing }).await
    }

    /// `POST /api/conversations/{id}/read`.
    pub async fn read(&self, id: &ConversationId, request: &ReadRequest) -> Result<(), ClientError> {
        self.post_quietly(&format!("/api/conversations/{id}/read"), request).await
    }

    /// `POST /api/conversations/{id}/close`.
    pub async fn close(&self, id: &ConversationId) -> Result<ConversationView, ClientError> {
        self.command(&format!("/api/conversations/{id}/close"), &json!({})).await
    }

    /// `POST /api/conversations/{id}/reopen`.
    pub async fn reopen(&self, id: &ConversationId) -> Result<ConversationView, ClientError> {
        self.command(&format!("/api/conversations/{id}/reopen"), &json!({})).await
    }

    /// `POST /api/agent/conversations/{id}/accept`.
    pub async fn accept(&self, id: &ConversationId) -> Result<ConversationView, ClientError> {
        self.command(&format!("/api/agent/conversations/{id}/accept"), &json!({})).await
    }

    /// `POST /api/agent/conversations/{id}/transfer`.
    pub async fn transfer(
        &self,
        id: &ConversationId,
        to: TransferTo,
        note: Option<String>,
    ) -> Result<ConversationView, ClientError> {
        let (agent, team) = match to {
            TransferTo::Agent(agent) => (Some(agent), None),
            TransferTo::Team(team) => (None, Some(team)),
        };
        let body = TransferRequest { agent, team, note };
        self.command(&format!("/api/agent/conversations/{id}/transfer"), &body).await
    }

    /// `GET /api/agent/queue`.
    pub async fn queue(&self) -> Result<QueueSnapshot, ClientError> {
        self.get("/api/agent/queue", &[]).await
    }

    /// `PUT /api/agent/availability`.
    pub async fn set_availability(&self, availability: Availability) -> Result<AgentView, ClientError> {
        self.put("/api/agent/availability", &AvailabilityRequest { availability }).await
    }

    async fn command<B: serde::Serialize + Sync>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<ConversationView, ClientError> {
        let answer: ConversationResponse = self.post(path, body).await?;
        Ok(answer.conversation)
    }
}
