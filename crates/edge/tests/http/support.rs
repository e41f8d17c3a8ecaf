//! What the tests of the HTTP API share: people with tokens, and what they are answered.

use confab_testhub::hub::Hub;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// What a request was answered with.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The answer, which has to have this status.
    pub(crate) fn with(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The code of the problem that this has to be.
    pub(crate) fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], status);
        self.body["code"].as_str().expect("a problem has a code")
    }
}

/// Somebody with a token, or nobody.
pub(crate) struct Caller<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) token: Option<String>,
}

impl<'a> Caller<'a> {
    pub(crate) fn nobody(hub: &'a Hub) -> Self {
        Self { hub, token: None }
    }

    pub(crate) fn with_token(hub: &'a Hub, token: &str) -> Self {
        Self { hub, token: Some(token.to_owned()) }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = Client::new().request(method, format!("{}{path}", self.hub.url()));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the hub answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, &[], Some(body)).await
    }
}

pub(crate) fn start_body() -> Value {
    json!({ "tenant": "acme", "issue_type": "PAYMENT", "message": "My payment is stuck", "name": "Mohan" })
}

/// A waiting conversation: its id and its customer.
pub(crate) async fn begin(hub: &Hub) -> (String, Caller<'_>) {
    let started = Caller::nobody(hub).post("/api/chat/start", start_body()).await.with(202);
    let id = started["conversation_id"].as_str().expect("an id").to_owned();
    let customer = Caller::with_token(hub, started["token"].as_str().expect("a token"));
    for _ in 0..500 {
        if customer.get(&format!("/api/conversations/{id}")).await.status == StatusCode::OK {
            return (id, customer);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the conversation did not begin");
}
