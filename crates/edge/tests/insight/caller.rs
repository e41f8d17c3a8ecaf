//! Somebody who asks the hub over HTTP, and what they are answered.

use std::time::Duration;

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
        self.body["code"].as_str().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }
}

/// Somebody with a token, or nobody.
pub(crate) struct Caller {
    base: String,
    token: Option<String>,
}

impl Caller {
    pub(crate) fn nobody(hub: &Hub) -> Self {
        Self { base: hub.url().to_owned(), token: None }
    }

    pub(crate) fn with_token(hub: &Hub, token: &str) -> Self {
        Self { base: hub.url().to_owned(), token: Some(token.to_owned()) }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = Client::new().request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, &[], Some(body)).await
    }

    /// Begins a conversation as a new customer, and waits until it is there.
    pub(crate) async fn begin(hub: &Hub, name: &str, message: &str) -> (String, Self) {
        let body = json!({ "tenant": "acme", "issue_type": "PAYMENT", "message": message, "name": name });
        let started = Self::nobody(hub).post("/api/chat/start", body).await.with(202);
        let id = started["conversation_id"].as_str().unwrap().to_owned();
        let customer = Self::with_token(hub, started["token"].as_str().unwrap());
        let path = format!("/api/conversations/{id}");
        customer.until(&path, |_| true).await;
        (id, customer)
    }

    /// Asks until the answer is as it should be.
    pub(crate) async fn until(&self, path: &str, is_right: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..500 {
            let answer = self.get(path).await;
            if answer.status == StatusCode::OK && is_right(&answer.body) {
                return answer.body;
            }
            last = answer.body;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{path} stays {last}");
    }
}
