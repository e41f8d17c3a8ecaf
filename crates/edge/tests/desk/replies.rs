//! Automatic replies: from the library, from an endpoint that answers, dawdles and fails, from an embedder's own
//! responder; and none once a person is there or was asked for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use confab_testhub::hub::{Extensions, Question, Reply, Responder, ResponderError};
use futures::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::{Caller, soon};

/// What the model does with the next request.
#[derive(Debug, Clone)]
enum Mood {
    Says(&'static str),
    Dawdles,
    /// Answers when it is told to.
    Waits(Arc<Notify>, &'static str),
    Fails,
    Babbles,
}

/// What it will do, and what it was asked: keys and bodies.
#[derive(Debug, Default)]
struct Inner {
    moods: VecDeque<Mood>,
    asked: Vec<(String, Value)>,
}

/// A server that speaks the API of chat completions.
#[derive(Debug, Clone, Default)]
struct Model(Arc<Mutex<Inner>>);

async fn complete(State(model): State<Model>, headers: HeaderMap, body: String) -> Response {
    let mood = {
        let mut inner = model.0.lock().expect("not poisoned");
        let key = headers.get("authorization").map_or("", |value| value.to_str().expect("visible"));
        inner.asked.push((key.to_owned(), serde_json::from_str(&body).expect("JSON")));
        inner.moods.pop_front().expect("no more requests than expected")
    };
    let says = |text: &str| {
        let message = json!({ "role": "assistant", "content": text });
        json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] }).to_string()
    };
    match mood {
        Mood::Says(text) => says(text).into_response(),
        Mood::Dawdles => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            says("too late").into_response()
        }
        Mood::Waits(go, text) => {
            go.notified().await;
            says(text).into_response()
        }
        Mood::Fails => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Babbles => "{\"choices\":[{\"message\":".into_response(),
    }
}

impl Model {
    async fn start(moods: Vec<Mood>) -> (Self, String) {
        let model = Self::default();
        model.0.lock().expect("not poisoned").moods = moods.into();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = Router::new().route("/v1/chat/completions", post(complete)).with_state(model.clone());
        tokio_util::task::TaskTracker::new().spawn(async move { axum::serve(listener, app).await });
        (model, url)
    }

    fn asked(&self) -> Vec<(String, Value)> {
        self.0.lock().expect("not poisoned").asked.clone()
    }

    async fn is_asked(&self, times: usize) {
        soon("the model is asked", async || (self.asked().len() >= times).then_some(())).await;
    }
}

async fn hub_with(extensions: Extensions) -> (Hub, Caller) {
    let hub = Hub::extended(TenantSettings::default(), extensions, |config| {
        config.replies.allow_private_addresses = true;
        config.worker.projector_linger_ms = 10;
    })
    .await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    (hub, admin)
}

fn endpoint(url: &str) -> Value {
    json!({
        "source": "endpoint",
        "name": "Robo",
        "hand_over_words": ["human", "real person"],
        "hand_over_text": "A human will come.",
        "unsure_text": "I don't know.",
        "endpoint": {
            "url": url, "model": "small", "key": "sk-secret", "timeout_ms": 300,
            "system_prompt": "Be kind.", "earlier_messages": 4,
        },
    })
}

/// What was said in the conversation, without its steps: name and text.
async fn said(customer: &Caller, id: &str) -> Vec<(String, String)> {
    let history = customer.get(&format!("/api/conversations/{id}/messages")).await.with(200);
    let items = history["items"].as_array().expect("items").iter().map(|item| &item["entry"]);
    let texts = items.filter(|entry| entry["body"]["kind"] == "TEXT");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    texts.map(|entry| (text(&entry["author"]["name"]), text(&entry["body"]["text"]))).collect()
}

async fn says(customer: &Caller, id: &str, client_id: &str, text: &str) {
    let body = json!({ "client_id": client_id, "text": text });
    let sent = customer.post(&format!("/api/conversations/{id}/messages"), body).await;
    assert!(sent.status.is_success(), "{}", sent.body());
}

async fn has_said(customer: &Caller, id: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let mut last = Vec::new();
    for _ in 0..500 {
        last = said(customer, id).await;
        if last == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{last:?} instead of {expected:?}");
}

/// Long enough for a reply that must not come.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(700)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_answers_fails_in_every_way_and_hands_over() {
    let (hub, admin) = hub_with(Extensions::default()).await;
    let moods =
        vec![Mood::Says("Five days."), Mood::Dawdles, Mood::Fails, Mood::Babbles, Mood::Says("Yes, really.")];
    let (model, url) = Model::start(moods).await;
    let path = "/api/admin/responder";
    let set = admin.put(path, endpoint(&url)).await;
    assert_eq!(set.with(200)["endpoint"]["has_key"], true);
    assert!(!set.body().to_string().contains("sk-secret"), "the key is never shown");
    assert_eq!(admin.put_if(path, "\"9\"", endpoint(&url)).await.problem(412), "precondition_failed");
    let audit = admin.get("/api/admin/audit?action=set_responder").await.with(200);
    assert_eq!(audit["items"].as_array().expect("items").len(), 1, "{audit}");

    let (id, mohan) = Caller::begin(&hub, "How long does a refund take?").await;
    let mut expected = vec![("Mohan", "How long does a refund take?"), ("Robo", "Five days.")];
    has_said(&mohan, &id, &expected).await;
    for (index, text) in ["And then?", "Hello?", "Anybody?"].iter().enumerate() {
        says(&mohan, &id, &format!("m-{index}"), text).await;
        model.is_asked(index + 2).await;
        expected.push(("Mohan", text));
        a_while().await;
        has_said(&mohan, &id, &expected).await;
    }
    says(&mohan, &id, "m-9", "Really?").await;
    expected.extend([("Mohan", "Really?"), ("Robo", "Yes, really.")]);
    has_said(&mohan, &id, &expected).await;

    let asked = model.asked();
    assert_eq!(asked.len(), 5, "one question for each message");
    assert!(asked.iter().all(|(key, _)| key == "Bearer sk-secret"));
    assert_eq!(asked[0].1["model"], "small");
    let last: Vec<&str> = asked[4].1["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|message| message["content"].as_str().expect("text"))
        .collect();
    assert_eq!(last[1..], ["Be kind.", "Five days.", "And then?", "Hello?", "Anybody?", "Really?"]);

    says(&mohan, &id, "m-10", "I want to talk to a REAL person!").await;
    expected.extend([("Mohan", "I want to talk to a REAL person!"), ("Robo", "A human will come.")]);
    has_said(&mohan, &id, &expected).await;
    says(&mohan, &id, "m-11", "human human").await;
    expected.push(("Mohan", "human human"));
    a_while().await;
    has_said(&mohan, &id, &expected).await;
    assert_eq!(model.asked().len(), 5, "nobody asks it any longer");
    let told = admin.get("/metrics").await;
    let figures = String::from_utf8(told.bytes).expect("text");
    for outcome in ["answered", "timed_out", "failed", "handed_over"] {
        let line = figures
            .lines()
            .find(|line| line.starts_with("confab_auto_replies_total") && line.contains(outcome));
        let count = line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        assert!(count.is_some_and(|count| count >= 1), "{outcome}: {line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_joins_while_the_answer_is_awaited_is_not_talked_over() {
    let (hub, admin) = hub_with(Extensions::default()).await;
    let go = Arc::new(Notify::new());
    let (model, url) = Model::start(vec![Mood::Waits(Arc::clone(&go), "Too late.")]).await;
    let mut settings = endpoint(&url);
    settings["endpoint"]["timeout_ms"] = json!(20_000);
    admin.put("/api/admin/responder", settings).await.with(200);
    let asha = hub.tenant.agent("Asha", 3).await;
    let asha = Caller::with_token(&hub, &asha.token);
    let (id, mohan) = Caller::begin(&hub, "Is anybody there?").await;
    model.is_asked(1).await;
    // While the model thinks, messages and assignment go their way.
    asha.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    says(&mohan, &id, "m-1", "Hello?").await;
    go.notify_one();
    a_while().await;
    has_said(&mohan, &id, &[("Mohan", "Is anybody there?"), ("Mohan", "Hello?")]).await;
    assert_eq!(model.asked().len(), 1, "what comes after the agent is for the agent");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_answers_what_it_is_sure_of_and_says_once_when_it_is_not() {
    let (hub, admin) = hub_with(Extensions::default()).await;
    let article = json!({
        "title": "How long do refunds take?", "body": "Refunds take five days.", "published": true, "labels": [],
    });
    admin.post("/api/articles", article).await.with(201);
    let with_answer = json!({
        "title": "Delivery", "body": "A long story of parcels.", "answer": "Parcels take three days.",
        "url": "https://shop.example/delivery", "published": true, "labels": ["parcels"],
    });
    admin.post("/api/articles", with_answer).await.with(201);
    let canned = json!({
        "code": "password", "title": "Changing the password",
        "text": "Hi {{customer.first_name}}, the password is changed in the settings.",
        "scope": { "kind": "tenant" },
    });
    admin.post("/api/canned-messages", canned).await.with(201);
    let question = "How long do refunds take?";
    let (silent, silent_customer) = Caller::begin(&hub, question).await;
    let off = admin.get("/api/admin/responder").await.with(200);
    assert_eq!(off["source"], "off", "off unless somebody wants it");
    a_while().await;
    has_said(&silent_customer, &silent, &[("Mohan", question)]).await;
    admin
        .put("/api/admin/responder", json!({ "source": "library", "unsure_text": "No idea." }))
        .await
        .with(200);
    // What a tenant has set is known to the workers within two seconds.
    tokio::time::sleep(Duration::from_millis(2100)).await;

    let (id, mohan) = Caller::begin(&hub, question).await;
    let answer = "How long do refunds take?\n\nRefunds take five days.";
    let mut expected = vec![("Mohan", question), ("Assistant", answer)];
    has_said(&mohan, &id, &expected).await;
    let history = mohan.get(&format!("/api/conversations/{id}/messages")).await.with(200);
    let items = history["items"].as_array().expect("items");
    let reply = items.iter().find(|item| item["entry"]["author"]["name"] == "Assistant").expect("a reply");
    assert!(reply["entry"]["author"].get("id").is_none(), "no person wrote it: {reply}");
    says(&mohan, &id, "m-1", "And how is the password changed?").await;
    expected.extend([
        ("Mohan", "And how is the password changed?"),
        ("Assistant", "Hi Mohan, the password is changed in the settings."),
    ]);
    has_said(&mohan, &id, &expected).await;
    says(&mohan, &id, "m-1b", "What of the delivery of parcels?").await;
    expected.extend([
        ("Mohan", "What of the delivery of parcels?"),
        ("Assistant", "Parcels take three days.\nhttps://shop.example/delivery"),
    ]);
    has_said(&mohan, &id, &expected).await;
    says(&mohan, &id, "m-2", "My zeppelin is purple").await;
    expected.extend([("Mohan", "My zeppelin is purple"), ("Assistant", "No idea.")]);
    has_said(&mohan, &id, &expected).await;
    says(&mohan, &id, "m-3", question).await;
    expected.push(("Mohan", question));
    a_while().await;
    has_said(&mohan, &id, &expected).await;

    // By a button instead of a word, however often it is pressed.
    let (id, mohan) = Caller::begin(&hub, question).await;
    let mut expected = vec![("Mohan", question), ("Assistant", answer)];
    has_said(&mohan, &id, &expected).await;
    for _ in 0..2 {
        let asked = mohan.ask(Method::POST, &format!("/api/conversations/{id}/human"), &[], None).await;
        assert_eq!(asked.with(200)["conversation"]["status"], "waiting");
    }
    expected.push(("Assistant", "A person will answer as soon as somebody is free."));
    has_said(&mohan, &id, &expected).await;
    let eve = Caller::begin(&hub, "x").await.1;
    let foreign = eve.ask(Method::POST, &format!("/api/conversations/{id}/human"), &[], None).await;
    assert_eq!(foreign.problem(404), "not_found");
}

/// An embedder's own: repeats what was said.
#[derive(Debug)]
struct Parrot;

impl Responder for Parrot {
    fn reply<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, ResponderError>> {
        Box::pin(async move { Ok(Reply::Text(format!("{}, you say?", question.text))) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedders_responder_answers_in_the_place_of_the_hubs() {
    let extensions = Extensions { responder: Some(Arc::new(Parrot)), ..Extensions::default() };
    let (hub, admin) = hub_with(extensions).await;
    admin.put("/api/admin/responder", json!({ "source": "library", "name": "Polly" })).await.with(200);
    let (id, mohan) = Caller::begin(&hub, "Hello").await;
    has_said(&mohan, &id, &[("Mohan", "Hello"), ("Polly", "Hello, you say?")]).await;
    // Another worker, which sees the same messages, says nothing twice.
    let _second = hub.worker_ahead(Duration::ZERO);
    says(&mohan, &id, "m-1", "Again").await;
    let expected =
        [("Mohan", "Hello"), ("Polly", "Hello, you say?"), ("Mohan", "Again"), ("Polly", "Again, you say?")];
    has_said(&mohan, &id, &expected).await;
    a_while().await;
    has_said(&mohan, &id, &expected).await;
}
