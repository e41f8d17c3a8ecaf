//! What the desk does with conversations besides answering, over HTTP; and who did what, afterwards.

use std::time::Duration;

use confab_domain::{Policy, TenantSettings};
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use confab_testhub::people::{PASSWORD, stranger};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, begin};

fn by_hand() -> TenantSettings {
    TenantSettings { policy: Policy::Manual, ..TenantSettings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_snooze_and_escalation_are_the_desks() {
    let hub = Hub::start(by_hand()).await;
    let (ann, sue) =
        (hub.tenant.agent("Ann", 3).await, hub.tenant.with_login("Sue", Role::Supervisor, 3).await);
    let (ann, sue) = (Caller::with_token(&hub, &ann.token), Caller::with_token(&hub, &sue.token));
    let (id, mohan) = begin(&hub).await;
    let path = |rest: &str| format!("/api/conversations/{id}{rest}");

    let labelled = ann.put(&path("/labels"), json!({ "labels": ["vip", "angry", "vip"] })).await.with(200);
    assert_eq!(labelled["conversation"]["labels"], json!(["angry", "vip"]));
    assert_eq!(mohan.get(&path("")).await.with(200).get("labels"), None);
    assert_eq!(ann.put(&path("/labels"), json!({ "labels": [" "] })).await.problem(422), "invalid");

    let until = confab_domain::Clock::system().now() + 3_600_000;
    assert_eq!(ann.post(&path("/snooze"), json!({ "until": 5 })).await.problem(422), "invalid");
    let aside = ann.post(&path("/snooze"), json!({ "until": until })).await.with(200);
    assert_eq!(aside["conversation"]["snoozed_until"], json!(until));
    assert_eq!(ann.get("/api/agent/queue").await.with(200)["length"], 0);
    let unassigned = ann.get("/api/conversations?unassigned=true").await.with(200);
    assert_eq!(unassigned["items"], json!([]));
    ann.ask(Method::DELETE, &path("/snooze"), &[], None).await.with(200);
    assert_eq!(ann.get("/api/agent/queue").await.with(200)["length"], 1);

    let escalation = json!({ "note": "He shouts", "team": "billing" });
    let escalated = ann.post(&path("/escalate"), escalation.clone()).await.with(200);
    assert_eq!(
        (&escalated["conversation"]["priority"], &escalated["conversation"]["team"]),
        (&json!("HIGH"), &json!("billing"))
    );
    let lower = ann.post(&path("/escalate"), json!({ "priority": "LOW" })).await;
    assert_eq!(lower.problem(422), "invalid");
    let seen = mohan.get(&path("/messages")).await.with(200).to_string();
    assert!(!seen.contains("shouts") && !seen.contains("escalated"), "{seen}");
    let seen = ann.get(&path("/messages")).await.with(200).to_string();
    assert!(seen.contains("shouts") && seen.contains("CONVERSATION_ESCALATED"), "{seen}");
    for (method, rest, body) in [
        (Method::PUT, "/labels", json!({ "labels": [] })),
        (Method::POST, "/snooze", json!({ "until": until })),
        (Method::POST, "/escalate", escalation),
    ] {
        assert_eq!(mohan.ask(method, &path(rest), &[], Some(body)).await.problem(403), "forbidden", "{rest}");
    }

    // A lead takes it from its agent; the status can be named, too.
    let session = format!("/api/chat/sessions/{id}/status");
    let taken = ann.put(&session, json!({ "status": "active" })).await.with(200);
    assert_eq!(taken["conversation"]["agent"]["id"], "ann");
    let over = format!("/api/agent/conversations/{id}/take-over");
    assert_eq!(ann.post(&over, json!({})).await.problem(403), "forbidden");
    assert_eq!(sue.post(&over, json!({})).await.with(200)["conversation"]["agent"]["id"], "sue");
    assert_eq!(ann.put(&session, json!({ "status": "closed" })).await.problem(403), "forbidden");
    let survey = path("/survey");
    let early = mohan.post(&survey, json!({ "score": 5 })).await;
    assert_eq!(early.problem(409), "invalid_transition");
    assert_eq!(
        sue.put(&session, json!({ "status": "closed" })).await.with(200)["conversation"]["status"],
        "closed"
    );

    assert_eq!(sue.post(&survey, json!({ "score": 5 })).await.problem(403), "forbidden");
    assert_eq!(mohan.post(&survey, json!({ "score": 0 })).await.problem(422), "invalid");
    let given = mohan.post(&survey, json!({ "score": 4, "comment": "Quick" })).await.with(200);
    assert_eq!(given["conversation"]["satisfaction"]["score"], 4);
    assert_eq!(mohan.post(&survey, json!({ "score": 5 })).await.problem(409), "conflict");
    let ticket = given["conversation"]["ticket_id"].as_str().expect("an id");
    let ticket = ann.get(&format!("/api/tickets/{ticket}")).await.with(200);
    assert_eq!(ticket["satisfaction"]["comment"], "Quick");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_did_what_is_for_admins_to_see() {
    let hub = Hub::start(by_hand()).await;
    let (ann, sue) =
        (hub.tenant.agent("Ann", 3).await, hub.tenant.with_login("Sue", Role::Supervisor, 3).await);
    let (ann, sue) = (Caller::with_token(&hub, &ann.token), Caller::with_token(&hub, &sue.token));
    let admin = Caller::with_token(&hub, &stranger(&hub.tenant.id, "Adam", Role::Admin).token);
    let (id, _) = begin(&hub).await;
    ann.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    let of_sue = json!({ "tenant": "acme", "login": "sue", "password": PASSWORD });
    Caller::nobody(&hub).post("/api/auth/login", of_sue).await.with(200);
    let late = sue.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await;
    assert_eq!(late.problem(409), "already_assigned");

    let audit = |query: &'static str| {
        let path = format!("/api/admin/audit{query}");
        let admin = &admin;
        async move { admin.get(&path).await.with(200)["items"].as_array().expect("items").clone() }
    };
    // Written after the fact, so that nobody waits for it.
    let mut accepts: Vec<Value> = Vec::new();
    for _ in 0..500 {
        accepts = audit("?action=accept").await;
        if accepts.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(accepts.len(), 2, "{accepts:?}");
    assert_eq!(
        (&accepts[0]["by"]["id"], &accepts[0]["outcome"]),
        (&json!("sue"), &json!("already_assigned"))
    );
    assert_eq!((&accepts[1]["by"]["id"], &accepts[1]["outcome"]), (&json!("ann"), &json!("done")));
    assert_eq!((&accepts[1]["target_kind"], &accepts[1]["target_id"]), (&json!("conversation"), &json!(id)));
    assert_eq!(audit("?actor=sue&action=login").await.len(), 1);
    assert_eq!(audit("?actor=ann").await.len(), 1);
    assert_eq!(audit("?until=5").await, Vec::<Value>::new());
    assert_eq!(audit("?since=99999999999999").await, Vec::<Value>::new());

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/api/admin/audit?limit=2{cursor}")).await.with(200);
        seen.extend(page["items"].as_array().expect("items").iter().map(|item| item["at"].as_u64()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(seen.len() >= 4 && seen.is_sorted_by(|one, next| one >= next), "{seen:?}");
    for caller in [&ann, &sue] {
        assert_eq!(caller.get("/api/admin/audit").await.problem(403), "forbidden");
    }
    assert_eq!(admin.get("/api/admin/audit?cursor=nonsense").await.problem(422), "invalid");
}
