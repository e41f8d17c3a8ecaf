//! Webhooks: to a receiver that fails, hangs and comes back; signed so that another language verifies it; and kept from
//! addresses that are nobody's business.

use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use serde_json::{Value, json};

use crate::support::{Caller, soon};

/// What the receiver does with the next request; it takes it when nothing is said.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Fails,
    Hangs,
}

/// A request that arrived.
#[derive(Debug, Clone)]
struct Received {
    id: String,
    timestamp: String,
    signature: String,
    body: String,
    taken: bool,
}

#[derive(Debug, Default)]
struct Inner {
    moods: VecDeque<Mood>,
    always_fails: bool,
    received: Vec<Received>,
}

/// A server of somebody else's.
#[derive(Debug, Clone, Default)]
struct Receiver(Arc<Mutex<Inner>>);

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> StatusCode {
    let mood = {
        let mut inner = receiver.0.lock().expect("not poisoned");
        let mood = if inner.always_fails { Some(Mood::Fails) } else { inner.moods.pop_front() };
        let header = |name: &str| headers[name].to_str().expect("visible").to_owned();
        inner.received.push(Received {
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp"),
            signature: header("webhook-signature"),
            body,
            taken: mood.is_none(),
        });
        mood
    };
    match mood {
        None => StatusCode::NO_CONTENT,
        Some(Mood::Fails) => StatusCode::INTERNAL_SERVER_ERROR,
        Some(Mood::Hangs) => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            StatusCode::OK
        }
    }
}

impl Receiver {
    async fn start(moods: &[Mood]) -> (Self, String) {
        let receiver = Self::default();
        receiver.0.lock().expect("not poisoned").moods = moods.iter().copied().collect();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let app = Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        let tasks = tokio_util::task::TaskTracker::new();
        tasks.spawn(async move { axum::serve(listener, app).await });
        (receiver, url)
    }

    fn all(&self) -> Vec<Received> {
        self.0.lock().expect("not poisoned").received.clone()
    }

    /// The events it took, each once, in the order of their first arrival.
    fn taken(&self) -> Vec<Value> {
        let mut seen = Vec::new();
        let taken = self.all().into_iter().filter(|request| request.taken);
        taken
            .filter(|request| {
                let is_new = !seen.contains(&request.id);
                seen.push(request.id.clone());
                is_new
            })
            .map(|request| serde_json::from_str(&request.body).expect("JSON"))
            .collect()
    }
}

async fn hub(change: impl FnOnce(&mut confab_config::Events)) -> (Hub, Caller) {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.events.allow_private_addresses = true;
        config.events.webhook_timeout_ms = 500;
        config.events.webhook_first_retry_ms = 50;
        change(&mut config.events);
    })
    .await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    (hub, admin)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_and_hangs_gets_each_event_in_order_and_another_language_verifies_them() {
    let (hub, admin) = hub(|_| ()).await;
    let (receiver, url) = Receiver::start(&[Mood::Fails, Mood::Hangs, Mood::Fails]).await;
    let made =
        admin.post("/api/admin/webhooks", json!({ "url": url, "description": "for a test" })).await.with(201);
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let id = made["id"].as_str().expect("an id").to_owned();
    // Its webhooks are read again every two seconds.
    tokio::time::sleep(Duration::from_secs(3)).await;

    let (one, mohan) = Caller::begin(&hub, "First").await;
    let (two, eve) = Caller::begin(&hub, "Other").await;
    for number in 0..5 {
        for (conversation, who) in [(&one, &mohan), (&two, &eve)] {
            let said = json!({ "client_id": format!("m-{number}"), "text": format!("Line {number}") });
            who.post(&format!("/api/conversations/{conversation}/messages"), said).await.with(201);
        }
    }
    mohan.post(&format!("/api/conversations/{one}/close"), json!({})).await.with(200);
    let expected = 2 * (2 + 6) + 1;
    soon("all events arrive", async || (receiver.taken().len() >= expected).then_some(())).await;
    let events = receiver.taken();
    assert_eq!(events.len(), expected, "{events:#?}");

    let mut conversations: HashMap<&str, Vec<&Value>> = HashMap::new();
    for event in &events {
        let conversation = event["conversation_id"].as_str().expect("an id");
        conversations.entry(conversation).or_default().push(event);
    }
    for (conversation, events) in &conversations {
        let seqs: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().expect("a number")).collect();
        assert!(seqs.is_sorted(), "{conversation}: {seqs:?}");
    }
    let kinds: Vec<&str> =
        conversations[one.as_str()].iter().map(|event| event["type"].as_str().expect("a type")).collect();
    assert_eq!(kinds.first(), Some(&"CONVERSATION_STARTED"));
    assert_eq!(kinds.last(), Some(&"CONVERSATION_CLOSED"));
    assert_eq!(kinds.iter().filter(|kind| **kind == "MESSAGE_RECEIVED").count(), 6);
    // What was sent again has the same id and body.
    let all = receiver.all();
    let refused = all.iter().find(|request| !request.taken).expect("some were refused");
    assert!(
        all.iter().any(|request| request.taken && request.id == refused.id && request.body == refused.body)
    );
    verify_in_python(&secret, &all);

    let path = format!("/api/admin/webhooks/{id}/deliveries");
    let page = soon("the log of deliveries is complete", async || {
        let page = admin.get(&format!("{path}?limit=100")).await.with(200);
        let items = page["items"].as_array().expect("items").clone();
        items.iter().all(|item| item["status"] == "delivered").then_some(items)
    })
    .await;
    assert_eq!(page.len(), expected);
    assert!(page.iter().any(|item| item["attempts"].as_u64() > Some(1)), "{page:#?}");
    let first = admin.get(&format!("{path}?limit=5")).await.with(200);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let rest = admin.get(&format!("{path}?limit=100&cursor={cursor}")).await.with(200);
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(expected - 5));

    let event = page[0]["event_id"].as_str().expect("an id");
    let before = receiver.all().len();
    admin.post(&format!("{path}/{event}/replay"), json!({})).await.with(202);
    soon("it arrives again", async || {
        receiver.all()[before..].iter().any(|request| request.id == event).then_some(())
    })
    .await;
}

fn verify_in_python(secret: &str, requests: &[Received]) {
    let given: Vec<Value> = requests
        .iter()
        .map(|request| {
            json!({
                "secret": secret, "id": request.id, "timestamp": request.timestamp, "body": request.body,
                "signature": request.signature,
            })
        })
        .collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/python/verify_webhook.py");
    let python = std::env::var_os("CONFAB_PYTHON").unwrap_or_else(|| "python3".into());
    let mut verifier = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let input = serde_json::to_vec(&given).expect("JSON");
    verifier.stdin.take().expect("its input").write_all(&input).expect("written");
    let output = verifier.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_only_fails_is_switched_off_and_the_desk_is_told() {
    let (hub, admin) = hub(|events| events.webhook_give_up_seconds = 1).await;
    let (receiver, url) = Receiver::start(&[]).await;
    receiver.0.lock().expect("not poisoned").always_fails = true;
    let webhook = json!({ "url": url, "events": ["CONVERSATION_CLOSED"] });
    let made = admin.post("/api/admin/webhooks", webhook).await.with(201);
    let path = format!("/api/admin/webhooks/{}", made["id"].as_str().expect("an id"));
    admin.post(&format!("{path}/test"), json!({})).await.with(202);
    let off = soon("it is switched off", async || {
        let webhook = admin.get(&path).await.with(200);
        (webhook["enabled"] == false).then_some(webhook)
    })
    .await;
    assert!(off["disabled_reason"].as_str().expect("a reason").contains("1 seconds"), "{off}");
    let desk = confab_protocol::Channel::DeskFeed(hub.tenant.id.clone());
    soon("the desk is told", async || {
        let last = hub.bus.log().last(&desk).await.expect("the log answers")?;
        String::from_utf8_lossy(&last.payload).contains("webhook_disabled").then_some(())
    })
    .await;
    // Switched on again, it gets what waited.
    receiver.0.lock().expect("not poisoned").always_fails = false;
    admin.put(&path, json!({ "enabled": true })).await.with(200);
    soon("the test arrives", async || (!receiver.taken().is_empty()).then_some(())).await;
    assert_eq!(receiver.taken()[0]["type"], "WEBHOOK_TEST");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_the_admins_and_lead_to_public_addresses_only() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    let ann = hub.tenant.agent("Ann", 1).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let path = "/api/admin/webhooks";
    assert_eq!(ann.get(path).await.problem(403), "forbidden");
    for url in ["http://127.0.0.1:1/", "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd", "x"]
    {
        assert_eq!(admin.post(path, json!({ "url": url })).await.problem(422), "invalid", "{url}");
    }
    // A name that leads to this machine is found out when it is sent to.
    let made = admin.post(path, json!({ "url": "http://confab-test.localhost:1/" })).await.with(201);
    let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
    admin.post(&format!("{one}/test"), json!({})).await.with(202);
    let tried = soon("it is tried", async || {
        let page = admin.get(&format!("{one}/deliveries")).await.with(200);
        let tried = page["items"][0]["attempts"].as_u64() > Some(0);
        tried.then(|| page["items"][0].clone())
    })
    .await;
    assert!(tried["last_status"].is_null() && tried["last_error"].is_string(), "{tried}");

    let read = admin.get(&one).await;
    assert!(read.body()["secret"].is_null(), "it is shown only once");
    let changed = admin.put_if(&one, read.etag(), json!({ "new_secret": true, "enabled": false })).await;
    assert!(changed.with(200)["secret"].is_string());
    assert_eq!(admin.put_if(&one, read.etag(), json!({})).await.problem(412), "precondition_failed");
    admin.delete(&one).await.with(204);
    assert_eq!(admin.get(&one).await.problem(404), "not_found");
    let key = &[("idempotency-key", "once")];
    let body = Some(json!({ "url": "https://hooks.example.org/" }));
    let first = admin.ask(reqwest::Method::POST, path, key, body.clone()).await.with(201);
    let again = admin.ask(reqwest::Method::POST, path, key, body).await.with(200);
    assert_eq!(first["id"], again["id"]);
}
