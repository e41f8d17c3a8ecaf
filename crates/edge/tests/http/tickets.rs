//! Tickets over HTTP: every route, conditional edits, bulk changes, and what customers see of it.

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, begin, start_body};

fn new_ticket() -> Value {
    json!({
        "subject": "Refund", "description": "It never came", "category": "RETURNS", "priority": "HIGH",
        "customer": { "id": "mohan", "name": "Mohan" }, "labels": ["vip"], "assigned_agent": "ann",
    })
}

async fn make(who: &Caller<'_>, body: Value) -> Value {
    who.post("/api/tickets", body).await.with(201)
}

fn path(ticket: &Value) -> String {
    format!("/api/tickets/{}", ticket["id"].as_str().expect("an id"))
}

async fn patch(who: &Caller<'_>, path: &str, tag: Option<&str>, body: Value) -> Answer {
    let headers: Vec<_> = tag.map(|tag| ("If-Match", tag)).into_iter().collect();
    who.ask(Method::PATCH, path, &headers, Some(body)).await
}

/// The ticket of a customer's conversation.
async fn ticket_of(who: &Caller<'_>, conversation: &str) -> String {
    let found = who.get(&format!("/api/conversations/{conversation}")).await.with(200);
    format!("/api/tickets/{}", found["ticket_id"].as_str().expect("an id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_made_once_read_changed_and_taken_away() {
    let hub = Hub::start(TenantSettings::default()).await;
    let (ann, sue) =
        (hub.tenant.agent("Ann", 3).await, hub.tenant.with_login("Sue", Role::Supervisor, 3).await);
    let (ann, sue) = (Caller::with_token(&hub, &ann.token), Caller::with_token(&hub, &sue.token));

    let key = [("Idempotency-Key", "make-1")];
    let first = ann.ask(Method::POST, "/api/tickets", &key, Some(new_ticket())).await;
    assert_eq!(first.headers["etag"], "\"1\"");
    let location = first.headers["location"].to_str().expect("text").to_owned();
    let made = first.with(201);
    assert_eq!(location, path(&made));
    let again = ann.ask(Method::POST, "/api/tickets", &key, Some(new_ticket())).await.with(201);
    assert_eq!(again["id"], made["id"], "a repetition makes no second ticket");
    assert_eq!((&made["status"], &made["assigned_agent"]["name"]), (&json!("OPEN"), &json!("Ann")));
    assert_eq!((&made["message_count"], &made["labels"]), (&json!(0), &json!(["vip"])));

    let read = ann.get(&location).await;
    assert_eq!(read.headers["etag"], "\"1\"");
    assert_eq!(read.with(200), made);

    // Two editors of one version: the second is told, and nothing of the first is lost.
    let changed = patch(&ann, &location, Some("\"1\""), json!({ "subject": "Refund of May" })).await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    changed.with(200);
    let late = patch(&sue, &location, Some("\"1\""), json!({ "subject": "Other", "labels": [] })).await;
    assert_eq!(late.problem(412), "precondition_failed");
    let after = ann.get(&location).await.with(200);
    assert_eq!((&after["subject"], &after["labels"]), (&json!("Refund of May"), &json!(["vip"])));
    let wrong = patch(&sue, &location, Some("2"), json!({ "subject": "Other" })).await;
    assert_eq!(wrong.problem(412), "precondition_failed");

    for status in ["RESOLVED", "CLOSED"] {
        assert_eq!(sue.put(&location, json!({ "status": status })).await.with(200)["status"], status);
    }
    let refused = sue.put(&location, json!({ "status": "IN_PROGRESS" })).await;
    assert_eq!(refused.problem(409), "invalid_transition");
    assert_eq!(refused.body["possible"], json!(["OPEN"]));
    let freed = sue.put(&location, json!({ "status": "OPEN", "assigned_agent": null })).await.with(200);
    assert_eq!((&freed["status"], freed.get("assigned_agent")), (&json!("OPEN"), None));
    let nobody = sue.put(&location, json!({ "assigned_agent": "zoe" })).await;
    assert_eq!(nobody.problem(422), "invalid");

    let history = ann.get(&format!("{location}/history?limit=2")).await.with(200);
    assert_eq!(history["items"][1]["by"]["id"], "ann");
    let change = json!({ "field": "subject", "from": "Refund", "to": "Refund of May" });
    assert_eq!(history["items"][1]["changes"][0], change);
    let next = history["next_cursor"].as_str().expect("there is more");
    let rest = ann.get(&format!("{location}/history?cursor={next}")).await.with(200);
    assert_eq!(rest["items"].as_array().expect("items").len(), 3);

    assert_eq!(ann.ask(Method::DELETE, &location, &[], None).await.problem(403), "forbidden");
    let stale = sue.ask(Method::DELETE, &location, &[("If-Match", "\"1\"")], None).await;
    assert_eq!(stale.problem(412), "precondition_failed");
    sue.ask(Method::DELETE, &location, &[], None).await.with(204);
    assert_eq!(sue.get(&location).await.problem(404), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_see_their_own_tickets_and_write_on_them() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (conversation, mohan) = begin(&hub).await;
    let (_, eve) = begin(&hub).await;
    let ticket = ticket_of(&mohan, &conversation).await;
    patch(&ann, &ticket, None, json!({ "labels": ["angry"], "priority": "URGENT" })).await.with(200);

    let seen = mohan.get(&ticket).await.with(200);
    assert_eq!((seen.get("labels"), &seen["conversations"]), (None, &json!([conversation])));
    for of_desk in ["", "/messages"] {
        assert_eq!(eve.get(&format!("{ticket}{of_desk}")).await.problem(404), "not_found");
    }
    assert_eq!(mohan.get(&format!("{ticket}/history")).await.problem(403), "forbidden");
    let edit = mohan.put(&ticket, json!({ "priority": "LOW" })).await;
    assert_eq!(edit.problem(403), "forbidden");
    assert_eq!(mohan.get("/api/tickets?label=angry").await.problem(422), "invalid");
    let own = mohan.get("/api/tickets").await.with(200);
    assert_eq!(own["items"].as_array().expect("items").len(), 1);
    let all = ann.get("/api/tickets?sort=priority").await.with(200);
    assert_eq!((all["items"].as_array().expect("items").len(), &all["items"][0]["id"]), (2, &seen["id"]));
    let angry = ann.get("/api/tickets?label=angry&q=PAYMENT&status=OPEN").await.with(200);
    assert_eq!(angry["items"][0]["id"], seen["id"]);

    // A ticket without a conversation gets one with its customer's first message.
    let own = json!({ "subject": "Invoice", "description": "Please send it again", "category": "PAYMENT" });
    let made = make(&mohan, own).await;
    let messages = format!("{}/messages", path(&made));
    let said = |id: &str, text: &str| json!({ "client_id": id, "text": text });
    assert_eq!(mohan.get(&messages).await.with(200), json!({ "items": [] }));
    assert_eq!(ann.post(&messages, said("a-1", "Hello")).await.problem(409), "conversation_closed");
    let begun = mohan.post(&messages, said("m-1", "Any news?")).await.with(201);
    let id = begun["conversation_id"].as_str().expect("an id").to_owned();
    let again = mohan.post(&messages, said("m-2", "Hello?")).await.with(201);
    assert_eq!(again["conversation_id"], json!(id));
    assert_eq!(mohan.post(&messages, said("m-2", "Hello?")).await.with(200)["duplicate"], true);
    ann.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    ann.post(&messages, said("a-2", "Here it is")).await.with(201);
    ann.post(&messages, json!({ "client_id": "a-3", "text": "sent twice", "note": true })).await.with(201);
    ann.post(&format!("/api/conversations/{id}/close"), json!({})).await.with(200);
    let texts = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items").iter();
        items.filter_map(|item| item["entry"]["body"]["text"].as_str()).map(str::to_owned).collect()
    };
    let seen = texts(&mohan.get(&messages).await.with(200));
    assert!(seen.contains(&"Here it is".to_owned()) && !seen.contains(&"sent twice".to_owned()), "{seen:?}");
    // Writing on it again goes on with the conversation.
    mohan.post(&messages, said("m-3", "Thank you")).await.with(201);
    let ticket = mohan.get(&path(&made)).await.with(200);
    assert_ne!(ticket["status"], "RESOLVED");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_changed_at_once_and_each_has_its_outcome() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (_, mohan) = begin(&hub).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(make(&ann, new_ticket()).await["id"].clone());
    }
    patch(
        &ann,
        &format!("/api/tickets/{}", ids[2].as_str().expect("an id")),
        None,
        json!({ "status": "CLOSED" }),
    )
    .await
    .with(200);
    ids.push(json!("no-such-ticket"));
    let change = json!({ "ids": ids, "status": "RESOLVED", "add_labels": ["may"], "remove_labels": ["vip"] });
    let outcomes = ann.post("/api/tickets/bulk", change.clone()).await.with(200)["outcomes"].clone();
    let outcomes = outcomes.as_array().expect("outcomes");
    let statuses: Vec<_> =
        outcomes.iter().map(|outcome| outcome["status"].as_u64().expect("a number")).collect();
    assert_eq!(statuses, [200, 200, 409, 404]);
    assert_eq!(outcomes[0]["ticket"]["labels"], json!(["may"]));
    assert_eq!(outcomes[2]["code"], "invalid_transition");
    assert_eq!(mohan.post("/api/tickets/bulk", change).await.problem(403), "forbidden");
    let nothing = ann.post("/api/tickets/bulk", json!({ "ids": ["t-1"] })).await;
    assert_eq!(nothing.problem(422), "invalid");
    let none = ann.post("/api/tickets/bulk", json!({ "ids": [], "status": "CLOSED" })).await;
    assert_eq!(none.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_merged_and_the_desk_is_told() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (first, mohan) = begin(&hub).await;
    let second = mohan.post("/api/chat/start", start_body()).await.with(202);
    let second = second["conversation_id"].as_str().expect("an id");
    let mut kept = None;
    for _ in 0..500 {
        if ann.get(&format!("/api/conversations/{second}")).await.status == 200 {
            kept = Some(ticket_of(&ann, second).await);
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let (duplicate, kept) = (ticket_of(&mohan, &first).await, kept.expect("the conversation began"));
    let into = json!({ "into": kept.rsplit('/').next() });
    let merged = ann.post(&format!("{duplicate}/merge"), into.clone()).await.with(200);
    assert_eq!(merged["id"], into["into"]);
    assert_eq!(merged["conversations"].as_array().expect("conversations").len(), 2);
    let gone = ann.get(&duplicate).await.with(200);
    assert_eq!((&gone["status"], &gone["merged_into"]), (&json!("CLOSED"), &into["into"]));
    assert_eq!(ticket_of(&ann, &first).await, kept, "the conversation went over");

    let page = mohan.get(&format!("{kept}/messages?limit=100")).await.with(200);
    assert_eq!(page["conversation_id"], second);
    let before = page["before"].as_str().expect("an earlier conversation");
    let earlier = mohan.get(&format!("{kept}/messages?before={before}")).await.with(200);
    assert_eq!(earlier["conversation_id"], json!(first));
    assert_eq!(ann.post(&format!("{duplicate}/merge"), into).await.problem(409), "invalid_transition");
    let others = make(&ann, new_ticket()).await;
    let strangers = ann.post(&format!("{kept}/merge"), json!({ "into": others["id"] })).await;
    assert_eq!(strangers.problem(422), "invalid");
}
