//! A caller who knows nothing but HTTP.

use std::time::Duration;

use confab_testhub::hub::Hub;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// What a request was answered with.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; as text where it is none.
    pub(crate) fn body(&self) -> Value {
        let text = || Value::String(String::from_utf8_lossy(&self.bytes).into_owned());
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| text())
    }

    /// The body of an answer, which has to have this status.
    pub(crate) fn with(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body());
        self.body()
    }

    /// The code of the problem that this has to be.
    pub(crate) fn problem(&self, status: u16) -> String {
        let body = self.with(status);
        body["code"].as_str().unwrap_or_else(|| panic!("{body} has no code")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("visible"))
    }

    pub(crate) fn etag(&self) -> &str {
        self.header("etag")
    }
}

/// Somebody with a token, or nobody.
#[derive(Clone)]
pub(crate) struct Caller {
    base: String,
    token: Option<String>,
}

impl Caller {
    pub(crate) fn nobody(hub: &Hub) -> Self {
        Self { base: hub.url().to_owned(), token: None }
    }

    pub(crate) fn with_token(hub: &Hub, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::nobody(hub) }
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().expect("a token")
    }

    /// Sends the head of a request and nothing of its body; the head of the answer.
    pub(crate) async fn announce(&self, path: &str, headers: &[(&str, &str)]) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let address = self.base.strip_prefix("http://").expect("plain HTTP");
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("the hub listens");
        let mut head =
            format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n", self.token());
        for (name, value) in headers {
            head = format!("{head}{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).await.expect("sent");
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await.expect("an answer");
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: reqwest::Body,
    ) -> Answer {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = Client::new().request(method, url).body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("the hub answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, bytes: response.bytes().await.expect("a body").to_vec() }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut headers = headers.to_vec();
        let body = body.map_or_else(String::new, |body| {
            headers.push(("content-type", "application/json"));
            body.to_string()
        });
        self.send(method, path, &headers, body.into()).await
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

    pub(crate) async fn put_if(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, &[("if-match", etag)], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, &[], None).await
    }

    /// A new conversation of a new customer: its id and the customer.
    pub(crate) async fn begin(hub: &Hub, message: &str) -> (String, Self) {
        let body = json!({ "tenant": "acme", "issue_type": "PAYMENT", "message": message, "name": "Mohan" });
        let started = Self::nobody(hub).post("/api/chat/start", body).await.with(202);
        let id = started["conversation_id"].as_str().expect("an id").to_owned();
        let customer = Self::with_token(hub, started["token"].as_str().expect("a token"));
        let path = format!("/api/conversations/{id}");
        soon("the conversation begins", async || {
            (customer.get(&path).await.status == StatusCode::OK).then_some(())
        })
        .await;
        (id, customer)
    }
}

/// Waits until there is something.
pub(crate) async fn soon<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1000 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("in vain: {what}");
}
