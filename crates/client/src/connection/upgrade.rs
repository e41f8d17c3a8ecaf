//! The WebSocket handshake: directly over TCP, or through the HTTP client where TLS lies in between.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use confab_protocol::Codec;
use reqwest::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL};
use reqwest::header::{HeaderValue, SEC_WEBSOCKET_VERSION, UPGRADE};
use reqwest::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::ClientError;

/// A stream of bytes, encrypted or not.
pub(super) trait Bytestream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytestream for T {}

/// A socket over either.
pub(super) type Socket = WebSocketStream<Box<dyn Bytestream>>;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How much of a foreign answer goes into an error.
const EXCERPT: usize = 200;

/// Shakes hands at `ws://` or `wss://`.
pub(super) async fn shake_hands(
    source: Option<IpAddr>,
    url: &str,
    codec: Codec,
    config: WebSocketConfig,
) -> Result<Socket, ClientError> {
    if url.starts_with("wss://") {
        over_http(source, url, codec, config).await
    } else {
        over_tcp(source, url, codec, config).await
    }
}

async fn over_tcp(
    source: Option<IpAddr>,
    url: &str,
    codec: Codec,
    config: WebSocketConfig,
) -> Result<Socket, ClientError> {
    let no_url = || ClientError::Url(url.to_owned());
    let mut request = url.into_client_request().map_err(|_| no_url())?;
    let protocol = HeaderValue::from_static(codec.subprotocol());
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    let host = request.uri().host().ok_or_else(no_url)?.trim_matches(['[', ']']).to_owned();
    let port = request.uri().port_u16().unwrap_or(80);
    let stream = reach(source, &host, port).await.map_err(|error| ClientError::unreachable(url, &error))?;
    stream.set_nodelay(true).map_err(|error| ClientError::unreachable(url, &error))?;
    let stream: Box<dyn Bytestream> = Box::new(stream);
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => {
            let body = response.body().as_deref().unwrap_or_default();
            Err(refused(url, response.status().as_u16(), body))
        }
        Err(error) => Err(ClientError::unreachable(url, &error)),
    }
}

/// Connects, from this address if one is named.
async fn reach(source: Option<IpAddr>, host: &str, port: u16) -> io::Result<TcpStream> {
    let Some(source) = source else { return TcpStream::connect((host, port)).await };
    let mut reached =
        Err(io::Error::new(io::ErrorKind::NotFound, "no address of the host's is of this kind"));
    for address in lookup_host((host, port)).await?.filter(|one| one.is_ipv4() == source.is_ipv4()) {
        let socket = if source.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.bind(SocketAddr::new(source, 0))?;
        reached = socket.connect(address).await;
        if reached.is_ok() {
            break;
        }
    }
    reached
}

/// The HTTP client brings TLS with the system's certificates and hands the connection over after the handshake.
async fn over_http(
    source: Option<IpAddr>,
    url: &str,
    codec: Codec,
    config: WebSocketConfig,
) -> Result<Socket, ClientError> {
    let unreachable = |error: reqwest::Error| ClientError::unreachable(url, &error);
    let http = reqwest::Client::builder()
        .http1_only()
        .connect_timeout(CONNECT_LIMIT)
        .local_address(source)
        .no_proxy()
        .build()
        .map_err(unreachable)?;
    let key = generate_key();
    let response = http
        .get(url.replacen("ws", "http", 1))
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_PROTOCOL, codec.subprotocol())
        .header(SEC_WEBSOCKET_KEY, &key)
        .send()
        .await
        .map_err(unreachable)?;
    let status = response.status();
    if status != StatusCode::SWITCHING_PROTOCOLS {
        let body = response.bytes().await.unwrap_or_default();
        return Err(refused(url, status.as_u16(), &body));
    }
    if !accepts(&response, &key, codec) {
        return Err(refused(url, status.as_u16(), b"a handshake that does not answer this one"));
    }
    let stream: Box<dyn Bytestream> = Box::new(response.upgrade().await.map_err(unreachable)?);
    Ok(WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await)
}

/// Whether the answer belongs to this handshake (RFC 6455, 4.1) and speaks our codec.
fn accepts(response: &Response, key: &str, codec: Codec) -> bool {
    let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    header(SEC_WEBSOCKET_ACCEPT) == Some(derive_accept_key(key.as_bytes()).as_str())
        && header(SEC_WEBSOCKET_PROTOCOL) == Some(codec.subprotocol())
}

fn refused(url: &str, status: u16, body: &[u8]) -> ClientError {
    match serde_json::from_slice(body) {
        Ok(problem) => ClientError::Refused(Box::new(problem)),
        Err(_) => ClientError::Foreign {
            url: url.to_owned(),
            status,
            body: String::from_utf8_lossy(body).chars().take(EXCERPT).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{SinkExt as _, StreamExt as _};
    use rstest::rstest;
    use tokio::net::TcpListener;
    use tokio_tungstenite::accept_hdr_async;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

    #[expect(clippy::result_large_err, reason = "the library's callback has this type")]
    async fn echo(listener: TcpListener, source: Option<IpAddr>) {
        let (stream, peer) = listener.accept().await.expect("a connection");
        assert_eq!(peer.ip(), source.unwrap_or(peer.ip()));
        let with_protocol = |request: &Request, mut response: Response| {
            let protocol = request.headers()["sec-websocket-protocol"].clone();
            response.headers_mut().insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        let mut socket = accept_hdr_async(stream, with_protocol).await.expect("a handshake");
        let message = socket.next().await.expect("a message").expect("unbroken");
        socket.send(message).await.expect("unbroken");
    }

    #[rstest]
    #[case(false, None)]
    #[case(true, None)]
    #[case(false, Some("127.0.0.7"))]
    #[case(true, Some("127.0.0.7"))]
    #[tokio::test]
    async fn both_ways_lead_to_the_same_socket(#[case] by_http: bool, #[case] source: Option<&str>) {
        let source: Option<IpAddr> = source.map(|source| source.parse().expect("an address"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("ws://{}/ws", listener.local_addr().expect("an address"));
        let config = WebSocketConfig::default();
        let ask = async {
            let mut socket = if by_http {
                over_http(source, &url, Codec::Json, config).await.expect("a socket")
            } else {
                over_tcp(source, &url, Codec::Json, config).await.expect("a socket")
            };
            socket.send(Message::Text("there and back".into())).await.expect("unbroken");
            socket.next().await.expect("a message").expect("unbroken")
        };
        let ((), answer) = tokio::join!(echo(listener, source), ask);
        assert_eq!(answer, Message::Text("there and back".into()));
    }

    #[tokio::test]
    async fn who_is_no_hub_is_told_from_one_that_refuses() {
        let problem = br#"{"type":"urn:confab:error:forbidden","title":"x","status":403,"detail":"no","code":"forbidden"}"#;
        assert!(matches!(refused("ws://x", 403, problem), ClientError::Refused(_)));
        assert!(matches!(refused("ws://x", 200, b"<html>"), ClientError::Foreign { status: 200, .. }));
    }
}
