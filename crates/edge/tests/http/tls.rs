//! TLS of the hub's own: HTTP and WebSocket, a certificate that is renewed while the hub runs, and one that is no good.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use confab_config::Server;
use confab_domain::TenantSettings;
use confab_edge::check_certificate;
use confab_testhub::hub::Hub;
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocket};
use reqwest::{Certificate, Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

/// An authority of a test, with a certificate for this machine: `client.pem` is its own, `server.pem` and `server.key` the
/// hub's.
fn authority(directory: &Path) {
    let python = std::env::var_os("CONFAB_PYTHON").unwrap_or_else(|| "python3".into());
    let made = Command::new(python)
        .args(["-m", "trustme", "--quiet", "--identities", "localhost", "--dir"])
        .arg(directory)
        .status()
        .expect("Python starts");
    assert!(made.success(), "trustme makes certificates");
}

fn encrypted(directory: &Path) -> Server {
    Server {
        public_url: Some("https://localhost".into()),
        tls_certificate_file: Some(directory.join("server.pem")),
        tls_key_file: Some(directory.join("server.key")),
        ..Server::default()
    }
}

/// A browser that trusts one authority and keeps no connection.
fn client(directory: &Path) -> Client {
    let certificate = fs::read(directory.join("client.pem")).expect("the authority's certificate");
    let certificate = Certificate::from_pem(&certificate).expect("a certificate");
    Client::builder().tls_certs_only([certificate]).pool_max_idle_per_host(0).build().expect("a client")
}

async fn start(directory: &Path) -> Hub {
    let Server { public_url, tls_certificate_file, tls_key_file, .. } = encrypted(directory);
    Hub::start_with(TenantSettings::default(), |config| {
        config.server.public_url = public_url;
        config.server.tls_certificate_file = tls_certificate_file;
        config.server.tls_key_file = tls_key_file;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_sockets_are_encrypted() {
    let home = TempDir::with_prefix("confab-tls-").expect("a directory");
    authority(home.path());
    let hub = start(home.path()).await;
    let sam = hub.tenant.agent("Sam", 3).await;
    let client = client(home.path());
    let answer = client.get(format!("{}/health/live", hub.url())).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");

    let upgrade = client
        .get(format!("{}/ws", hub.url()))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let answer = upgrade.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    let mut socket = WebSocket::after_handshake(answer.upgrade().await.expect("a socket"), Role::Client);
    let hello = json!({ "t": "hello", "token": sam.token, "protocol": 1, "client": "test" }).to_string();
    let frame = Frame::text(Payload::Borrowed(hello.as_bytes()));
    socket.write_frame(frame).await.expect("it is sent");
    let welcome = timeout(Duration::from_secs(10), socket.read_frame()).await;
    let welcome = welcome.expect("in time").expect("a frame");
    assert_eq!(welcome.opcode, OpCode::Text);
    let welcome: Value = serde_json::from_slice(&welcome.payload).expect("JSON");
    assert_eq!((&welcome["t"], &welcome["name"]), (&json!("welcome"), &json!("Sam")));

    let plain = hub.url().replacen("https", "http", 1);
    Client::new().get(plain).send().await.expect_err("nothing goes in the clear");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_while_the_hub_runs() {
    let (home, next) = (TempDir::with_prefix("confab-tls-"), TempDir::with_prefix("confab-tls-"));
    let (home, next) = (home.expect("a directory"), next.expect("a directory"));
    authority(home.path());
    authority(next.path());
    let hub = start(home.path()).await;
    let (before, after) = (client(home.path()), client(next.path()));
    let live = format!("{}/health/live", hub.url());
    after.get(&live).send().await.expect_err("its authority is not that of the certificate");
    // Half a renewal: the key of another certificate. What was good stays.
    fs::copy(next.path().join("server.key"), home.path().join("server.key")).expect("a new key");
    let halfway = check_certificate(&encrypted(home.path())).expect_err("they do not belong together");
    assert!(halfway.to_string().contains("the key is that of another certificate"), "{halfway}");
    tokio::time::sleep(Duration::from_secs(11)).await;
    before.get(&live).send().await.expect("the certificate of before is in use");
    fs::copy(next.path().join("server.pem"), home.path().join("server.pem")).expect("a new certificate");
    let taken = async {
        while after.get(&live).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(Duration::from_secs(30), taken).await.expect("new connections get the new one");
    // Whoever was here before may go on with the session they have.
    client(home.path()).get(&live).send().await.expect_err("the old one is no longer given");
}

#[test]
fn a_certificate_that_is_no_good_is_named() {
    let home = TempDir::with_prefix("confab-tls-").expect("a directory");
    let server = encrypted(home.path());
    assert!(!check_certificate(&Server::default()).expect("nothing to be checked"));
    let missing = check_certificate(&server).expect_err("there are no files").to_string();
    assert!(missing.contains("server.pem"), "{missing}");
    authority(home.path());
    assert!(check_certificate(&server).expect("both are good"));
    fs::write(
        home.path().join("server.pem"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .expect("written");
    check_certificate(&server).expect_err("no certificate is in it");
    fs::write(home.path().join("server.pem"), "nothing").expect("written");
    let empty = check_certificate(&server).expect_err("no certificate is in it").to_string();
    assert!(empty.contains("has no certificate"), "{empty}");
}
