//! Requests to the hub's HTTP API: one base URL, one token, problem documents as errors.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use confab_protocol::api::Problem;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ClientError;

/// Longest time for one request: the hub's own limit for a worker's reply and some more.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How much of a foreign answer goes into an error.
const EXCERPT: usize = 200;

/// The hub's HTTP API. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    base: String,
    token: Option<String>,
    /// Made at the first request: it reads the machine's certificates, and clients that only chat never need it.
    http: Arc<OnceLock<reqwest::Client>>,
}

impl HttpClient {
    /// A client without a token for the hub at `base_url`, such as `http://127.0.0.1:8480`.
    pub fn new(base_url: &str) -> Result<Self, ClientError> {
        let base = base_url.trim().trim_end_matches('/');
        let host = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://"));
        if !host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace)) {
            return Err(ClientError::Url(base_url.to_owned()));
        }
        Ok(Self { base: base.to_owned(), token: None, http: Arc::default() })
    }

    /// The same for the bearer of a token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same at another address, with the same token.
    pub fn at(&self, base_url: &str) -> Result<Self, ClientError> {
        let other = Self::new(base_url)?;
        Ok(Self { base: other.base, ..self.clone() })
    }

    /// The token requests bear.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The URL without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// Where this hub takes WebSocket connections.
    pub fn websocket_url(&self) -> String {
        let rest = self.base.strip_prefix("http").unwrap_or(&self.base);
        format!("ws{rest}/ws")
    }

    fn http(&self) -> &reqwest::Client {
        self.http.get_or_init(|| {
            let builder =
                reqwest::Client::builder().timeout(REQUEST_LIMIT).connect_timeout(CONNECT_LIMIT).no_proxy();
            builder.build().expect("the cryptography is compiled in, and no certificate is refused")
        })
    }

    /// A request that this client does not wrap. The token is set; send it and read the answer as you like.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http().request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// `GET`, with query parameters.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, ClientError> {
        self.answer(path, self.request(Method::GET, path).query(query)).await
    }

    /// `POST` with a body.
    pub async fn post<B: Serialize + Sync + ?Sized, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ClientError> {
        self.answer(path, self.request(Method::POST, path).json(body)).await
    }

    /// `POST` that answers with nothing.
    pub async fn post_quietly<B: Serialize + Sync + ?Sized>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<(), ClientError> {
        self.response(path, self.request(Method::POST, path).json(body)).await.map(drop)
    }

    /// `PUT` with a body.
    pub async fn put<B: Serialize + Sync + ?Sized, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ClientError> {
        self.answer(path, self.request(Method::PUT, path).json(body)).await
    }

    /// `GET` of a page that is no JSON: metrics, health, documents.
    pub async fn text(&self, path: &str) -> Result<String, ClientError> {
        let response = self.response(path, self.request(Method::GET, path)).await?;
        response.text().await.map_err(|error| ClientError::unreachable(&self.base, &error))
    }

    pub(crate) async fn answer<T: DeserializeOwned>(
        &self,
        path: &str,
        request: RequestBuilder,
    ) -> Result<T, ClientError> {
        let response = self.response(path, request).await?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| ClientError::unreachable(&self.base, &error))?;
        serde_json::from_slice(&body).map_err(|_| self.foreign(path, status, &body))
    }

    /// A successful answer; any other is an error.
    async fn response(&self, path: &str, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = request.send().await.map_err(|error| ClientError::unreachable(&self.base, &error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes().await.unwrap_or_default();
        Err(match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => ClientError::Refused(Box::new(problem)),
            Err(_) => self.foreign(path, status, &body),
        })
    }

    fn foreign(&self, path: &str, status: StatusCode, body: &[u8]) -> ClientError {
        ClientError::Foreign {
            url: format!("{}{path}", self.base),
            status: status.as_u16(),
            body: String::from_utf8_lossy(body).chars().take(EXCERPT).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("http://127.0.0.1:8480", "ws://127.0.0.1:8480/ws")]
    #[case("http://127.0.0.1:8480/", "ws://127.0.0.1:8480/ws")]
    #[case("https://chat.example/hub/", "wss://chat.example/hub/ws")]
    fn the_socket_stands_beside_the_api(#[case] base: &str, #[case] socket: &str) {
        assert_eq!(HttpClient::new(base).expect("a URL").websocket_url(), socket);
    }

    #[rstest]
    #[case("")]
    #[case("127.0.0.1:8480")]
    #[case("ftp://chat.example")]
    #[case("http://")]
    #[case("http://two words")]
    fn what_is_no_url_is_refused(#[case] base: &str) {
        assert!(matches!(HttpClient::new(base), Err(ClientError::Url(_))), "{base}");
    }

    #[test]
    fn a_token_stays_with_the_client_that_moves() {
        let client = HttpClient::new("http://one:1").expect("a URL").with_token("t");
        let moved = client.at("http://two:2").expect("a URL");
        assert_eq!((moved.base_url(), moved.token()), ("http://two:2", Some("t")));
    }
}
