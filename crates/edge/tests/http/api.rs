//! The HTTP API as a client without any library of ours sees it: statuses, problems, headers, and the way of a
//! conversation from its start to its history.

use std::collections::HashSet;
use std::time::Duration;

use confab_domain::TenantSettings;
use confab_protocol::{Channel, Role};
use confab_testhub::hub::Hub;
use confab_testhub::people::PASSWORD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Caller, begin, start_body};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_from_start_to_end_over_http_alone() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (id, mohan) = begin(&hub).await;

    let place = mohan.get(&format!("/api/conversations/{id}/queue")).await.with(200);
    assert_eq!(place["position"], 1);
    assert_eq!(mohan.get("/api/agent/queue").await.problem(403), "forbidden");
    let queue = ann.get("/api/agent/queue").await.with(200);
    assert_eq!((&queue["length"], &queue["entries"][0]["conversation_id"]), (&json!(1), &json!(id)));

    let accepted = ann.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    assert_eq!(accepted["conversation"]["agent"]["name"], "Ann");
    let no_place = mohan.get(&format!("/api/conversations/{id}/queue")).await;
    assert_eq!(no_place.problem(409), "invalid_transition");

    let messages = format!("/api/conversations/{id}/messages");
    let said = json!({ "client_id": "m-1", "text": "Let me look" });
    let seq = ann.post(&messages, said.clone()).await.with(201)["seq"].clone();
    assert_eq!(ann.post(&messages, said).await.with(200), json!({ "seq": seq, "duplicate": true }));
    let note = json!({ "client_id": "n-1", "text": "has called before", "note": true });
    assert_eq!(mohan.post(&messages, note.clone()).await.problem(403), "forbidden");
    ann.post(&messages, note).await.with(201);

    // Whatever the projector has got to, what was acknowledged is in the history.
    let texts = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items").iter();
        items.filter_map(|item| item["entry"]["body"]["text"].as_str()).map(str::to_owned).collect()
    };
    let seen = texts(&mohan.get(&format!("/api/chat/sessions/{id}/messages")).await.with(200));
    assert!(
        seen.contains(&"Let me look".to_owned()) && !seen.contains(&"has called before".to_owned()),
        "{seen:?}"
    );
    let seen = texts(&ann.get(&messages).await.with(200));
    assert!(seen.contains(&"has called before".to_owned()), "{seen:?}");

    for (path, body) in [("typing", json!({ "typing": true })), ("read", json!({ "read": seq }))] {
        mohan.post(&format!("/api/conversations/{id}/{path}"), body).await.with(204);
    }
    let closed = ann.post(&format!("/api/agent/conversations/{id}/close"), json!({})).await.with(200);
    assert_eq!(closed["conversation"]["status"], "closed");
    let late = mohan.post(&messages, json!({ "client_id": "m-2", "text": "one more thing" })).await;
    assert_eq!(late.problem(409), "conversation_closed");

    let page = mohan.get("/api/conversations?status=closed").await.with(200);
    assert_eq!(page["items"][0]["id"], json!(id));
    let customer = page["items"][0]["customer"]["id"].as_str().expect("an id");
    let history = ann.get(&format!("/api/chat/history/{customer}")).await.with(200);
    assert_eq!(history["items"].as_array().expect("items").len(), 1);
}

/// Sequences of all pages of seven, from the newest to the oldest, put together.
async fn sequences_of_pages(caller: &Caller<'_>, messages: &str) -> Vec<u64> {
    let (mut seqs, mut before) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("{messages}?limit=7{before}")).await.with(200);
        let items = page["items"].as_array().expect("items");
        let of_page: Vec<u64> = items.iter().filter_map(|item| item["seq"].as_u64()).collect();
        assert!(of_page.is_sorted(), "{of_page:?}");
        seqs.splice(0..0, of_page);
        match page["before"].as_str() {
            Some(cursor) => before = format!("&before={cursor}"),
            None => return seqs,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_slow_worker_has_not_written_is_in_the_history() {
    let hub = Hub::start(TenantSettings::default()).await;
    let (id, mohan) = begin(&hub).await;
    let channel = Channel::Conversation(id.parse().expect("an id"));
    let shard = hub.bus.log().shard(&channel).await.expect("a plan").expect("a shard");
    // Another worker, which takes its part of the shard and does not come to write it.
    let mut slow = hub.bus.projection(shard).await.expect("a consumer");
    let store = &hub.tenant.store;
    let conversation = id.parse().expect("an id");
    let messages = format!("/api/conversations/{id}/messages");
    let (mut said, mut held) = (Vec::new(), Vec::new());
    let written = loop {
        for _ in 0..10 {
            let number = said.len();
            let body = json!({ "client_id": format!("m-{number}"), "text": format!("number {number}") });
            said.push(mohan.post(&messages, body).await.with(201)["seq"].as_u64().expect("a sequence"));
        }
        let taken = timeout(Duration::from_secs(1), slow.batch(100, Duration::from_millis(100))).await;
        held.extend(taken.unwrap_or_default().into_iter().map(|entry| entry.seq));
        let rows = store.history(&conversation, None, 1000, false).await.expect("a history").items;
        let written: HashSet<u64> = rows.into_iter().map(|item| item.seq).collect();
        if held.iter().any(|hole| written.iter().any(|seq| seq > hole)) {
            break written;
        }
        assert!(said.len() < 200, "the database has no hole: {held:?} {written:?}");
    };
    assert!(held.iter().all(|hole| !written.contains(hole)), "{held:?} {written:?}");
    let is_whole = |seqs: &[u64]| {
        assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");
        assert!(seqs.ends_with(&said), "of {said:?} these are left: {seqs:?}");
    };
    let page = mohan.get(&messages).await.with(200);
    is_whole(
        &page["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|item| item["seq"].as_u64())
            .collect::<Vec<_>>(),
    );
    is_whole(&sequences_of_pages(&mohan, &messages).await);
    let transcript = mohan.get(&format!("/api/conversations/{id}/transcript?format=text")).await.with(200);
    let places: Vec<_> = (0..said.len())
        .map(|number| transcript.as_str().expect("a text").find(&format!("number {number}\n")))
        .collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{transcript}");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_pages_join_without_gap_or_double() {
    let hub = Hub::start(TenantSettings::default()).await;
    let (id, mohan) = begin(&hub).await;
    let messages = format!("/api/conversations/{id}/messages");
    for number in 0..25 {
        let said = json!({ "client_id": format!("m-{number}"), "text": format!("number {number}") });
        mohan.post(&messages, said).await.with(201);
    }
    let seqs = sequences_of_pages(&mohan, &messages).await;
    // The steps of the beginning, the first message, and the twenty-five.
    assert_eq!(seqs.len(), 28, "{seqs:?}");
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]), "{seqs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_start_is_one_conversation() {
    let hub = Hub::start(TenantSettings::default()).await;
    let nobody = Caller::nobody(&hub);
    let key = [("Idempotency-Key", "6b1f3a52-2f7e-4f4e-9d5e-0a6a3f1f7c11")];
    let first = nobody.ask(Method::POST, "/api/chat/start", &key, Some(start_body())).await.with(202);
    let again = nobody.ask(Method::POST, "/api/chat/start", &key, Some(start_body())).await.with(202);
    assert_eq!(first["conversation_id"], again["conversation_id"]);
    assert_eq!(first["customer_id"], again["customer_id"]);

    let mohan = Caller::with_token(&hub, first["token"].as_str().expect("a token"));
    let body = json!({ "issue_type": "RETURNS", "message": "And this", "client_id": "m-1" });
    let second = mohan.post("/api/chat/start", body.clone()).await.with(202);
    let again = mohan.post("/api/chat/start", body).await.with(202);
    assert_eq!(second["conversation_id"], again["conversation_id"]);
    assert_ne!(first["conversation_id"], second["conversation_id"]);
    assert_eq!(first["customer_id"], second["customer_id"]);

    let guessable = [("Idempotency-Key", "1")];
    let refused = nobody.ask(Method::POST, "/api/chat/start", &guessable, Some(start_body())).await;
    assert_eq!(refused.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_wrong_hears_the_same_whatever_is_wrong() {
    let hub = Hub::start(TenantSettings::default()).await;
    hub.tenant.with_login("Ann", Role::Agent, 3).await;
    let nobody = Caller::nobody(&hub);
    let login = |tenant: &str, login: &str, password: &str| json!({ "tenant": tenant, "login": login, "password": password });
    let mut details = Vec::new();
    for body in
        [login("acme", "ann", "wrong"), login("acme", "bob", PASSWORD), login("globex", "ann", PASSWORD)]
    {
        let refused = nobody.post("/api/auth/login", body).await;
        assert_eq!(refused.problem(401), "wrong_credentials");
        assert!(refused.headers.contains_key("www-authenticate"));
        details.push(refused.body["detail"].clone());
    }
    assert!(details.windows(2).all(|pair| pair[0] == pair[1]), "{details:?}");

    let tokens = nobody.post("/api/auth/login", login("acme", "ann", PASSWORD)).await.with(200);
    let (access, refresh) = (tokens["access_token"].as_str(), tokens["refresh_token"].as_str());
    let (access, refresh) = (access.expect("a token"), refresh.expect("a token"));
    assert_eq!(Caller::with_token(&hub, access).get("/api/auth/me").await.with(200)["role"], "agent");
    assert_eq!(Caller::with_token(&hub, refresh).get("/api/auth/me").await.problem(401), "unauthenticated");
    let renewed = nobody.post("/api/auth/renew", json!({ "refresh_token": refresh })).await.with(200);
    assert_eq!(renewed["user"]["id"], "ann");
    let refused = nobody.post("/api/auth/renew", json!({ "refresh_token": access })).await;
    assert_eq!(refused.problem(401), "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_tenants_are_kept_apart() {
    let hub = Hub::start(TenantSettings::default()).await;
    let (ann, sue) =
        (hub.tenant.agent("Ann", 3).await, hub.tenant.with_login("Sue", Role::Supervisor, 3).await);
    let (ann, sue) = (Caller::with_token(&hub, &ann.token), Caller::with_token(&hub, &sue.token));
    let (id, mohan) = begin(&hub).await;
    let (_, other) = begin(&hub).await;

    for path in [format!("/api/conversations/{id}"), format!("/api/conversations/{id}/messages")] {
        assert_eq!(other.get(&path).await.problem(404), "not_found");
        assert_eq!(Caller::nobody(&hub).get(&path).await.problem(401), "unauthenticated");
        mohan.get(&path).await.with(200);
    }
    for path in ["/api/agents", "/api/agent/queue", "/api/chat/history/ann"] {
        assert_eq!(mohan.get(path).await.problem(403), "forbidden");
    }
    let close = format!("/api/conversations/{id}/close");
    assert_eq!(ann.post(&close, json!({})).await.problem(403), "forbidden", "it is not Ann's");
    let online = json!({ "availability": "online" });
    assert_eq!(ann.put("/api/agent/availability", online.clone()).await.with(200)["availability"], "online");
    let of_sue = "/api/admin/support/agents/sue/status";
    assert_eq!(ann.put(of_sue, online).await.problem(403), "forbidden");
    let away = json!({ "availability": "away" });
    let changed = sue.put("/api/admin/support/agents/ann/status", away).await.with(200);
    assert_eq!(changed["availability"], "away");
    let agents = sue.get("/api/admin/support/agents").await.with(200);
    assert_eq!(agents.as_array().expect("agents").len(), 2);
    let team = json!({ "agent": "ann", "team": "billing" });
    let both = sue.post(&format!("/api/agent/conversations/{id}/transfer"), team).await;
    assert_eq!(both.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_request_is_said_as_a_problem() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.limits.max_body_bytes = 4096;
        config.limits.max_message_chars = 500;
    })
    .await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let (nobody, ann) = (Caller::nobody(&hub), Caller::with_token(&hub, &ann.token));
    let start = |field: &str, value: Value| {
        let mut body = start_body();
        body[field] = value;
        nobody.post("/api/chat/start", body)
    };
    for (field, value, status, code) in [
        ("issue_type", json!("no word"), 422, "invalid"),
        ("message", json!("  "), 422, "invalid"),
        ("message", json!("x".repeat(501)), 413, "too_large"),
        ("message", json!("x".repeat(5000)), 413, "too_large"),
        ("name", json!("x".repeat(81)), 422, "invalid"),
        ("tenant", json!("globex"), 404, "not_found"),
        ("tenant", json!(null), 422, "invalid"),
        ("tenant", json!("a.b"), 422, "invalid"),
        ("surprise", json!(1), 422, "invalid"),
    ] {
        assert_eq!(start(field, value).await.problem(status), code, "{field}");
    }
    for path in ["/api/nowhere", "/nowhere", "/api/conversations/a.b", "/api/conversations/c-1"] {
        assert_eq!(ann.get(path).await.problem(404), "not_found", "{path}");
    }
    for path in [
        "/api/conversations?limit=0",
        "/api/conversations?limit=101",
        "/api/conversations?surprise=1",
        "/api/conversations?cursor=nonsense",
        "/api/conversations?agent=me&unassigned=true",
        "/api/agents?surprise=1",
    ] {
        assert_eq!(ann.get(path).await.problem(422), "invalid", "{path}");
    }
    let wrong = ann.ask(Method::DELETE, "/api/agents", &[], None).await;
    assert_eq!(wrong.problem(405), "invalid");
    assert_eq!(wrong.headers["allow"], "GET,HEAD");
    let forged = Caller::with_token(&hub, "a.b.c").get("/api/auth/me").await;
    assert_eq!(forged.problem(401), "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_can_ask_only_so_often() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.limits.requests_per_second_per_address = 1;
        config.limits.requests_burst = 3;
    })
    .await;
    let nobody = Caller::nobody(&hub);
    let mut refused = None;
    for _ in 0..4 {
        refused = Some(nobody.get("/api/auth/me").await);
    }
    let refused = refused.expect("four answers");
    assert_eq!(refused.problem(429), "rate_limited");
    assert!(refused.headers.contains_key("retry-after"));
    nobody.get("/health/ready").await.with(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_health_and_figures_are_served_with_strict_headers() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.server.allowed_origins = vec!["https://shop.example".to_owned()];
    })
    .await;
    let nobody = Caller::nobody(&hub);
    for path in [
        "/",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/docs/",
        "/docs/openapi.json",
        "/test",
        "/test.js",
    ] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        let policy = answer.headers["content-security-policy"].to_str().expect("text");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
    }
    let ready = nobody.get("/health/ready").await.with(200);
    assert_eq!(ready["status"], "ready", "{ready}");
    assert_eq!(nobody.get("/docs/openapi.json").await.with(200)["openapi"], "3.1.0");
    let metrics = nobody.get("/metrics").await.body;
    let metrics = metrics.as_str().expect("text");
    assert!(
        metrics.contains("confab_http_requests_total{route=\"/health/ready\",status=\"200\"}"),
        "{metrics}"
    );

    let named = nobody.ask(Method::GET, "/", &[("x-request-id", "mine-1")], None).await;
    assert_eq!(named.headers["x-request-id"], "mine-1");
    for (origin, allowed) in [("https://shop.example", true), ("https://evil.example", false)] {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let preflight = nobody.ask(Method::OPTIONS, "/api/chat/start", &headers, None).await;
        assert_eq!(preflight.headers.contains_key("access-control-allow-origin"), allowed, "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_accept_one_wins_and_the_others_hear_who() {
    let hub = Hub::start(TenantSettings::default()).await;
    let (id, _) = begin(&hub).await;
    let mut agents = Vec::new();
    for number in 0..8 {
        agents.push(hub.tenant.agent(&format!("Agent-{number}"), 1).await);
    }
    let path = format!("/api/agent/conversations/{id}/accept");
    let answers = futures::future::join_all(agents.iter().map(|agent| {
        let caller = Caller::with_token(&hub, &agent.token);
        let path = &path;
        async move { caller.post(path, json!({})).await }
    }))
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((won.len(), lost.len()), (1, 7));
    let winner = &won[0].body["conversation"]["agent"];
    for answer in lost {
        assert_eq!(answer.problem(409), "already_assigned");
        assert_eq!(&answer.body["winner"], winner);
    }
}
