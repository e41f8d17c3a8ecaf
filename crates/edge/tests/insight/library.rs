//! Canned messages and the knowledge base, from their creation to the answer they give.

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

fn canned(code: &str, text: &str, scope: &Value) -> Value {
    json!({ "code": code, "title": format!("About {code}"), "text": text, "scope": scope })
}

fn codes(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn canned_messages_are_found_by_those_who_may_use_them() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let bob = hub.tenant.agent("Bob", 3).await;
    let sue = hub.tenant.with_login("Sue", Role::Supervisor, 1).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let bob = Caller::with_token(&hub, &bob.token);
    let sue = Caller::with_token(&hub, &sue.token);
    let path = "/api/canned-messages";
    let (tenant, person) = (json!({ "kind": "tenant" }), json!({ "kind": "person" }));

    let key = [("idempotency-key", "k-1")];
    let body = canned("hello", "Hi {{customer.first_name|there}}, I am {{agent.name}}.", &tenant);
    let first = sue.ask(Method::POST, path, &key, Some(body.clone())).await;
    assert_eq!(first.header("etag"), "\"1\"");
    let first = first.with(201);
    assert_eq!(sue.ask(Method::POST, path, &key, Some(body.clone())).await.with(200)["id"], first["id"]);
    assert_eq!(sue.post(path, body.clone()).await.problem(409), "conflict");
    assert_eq!(ann.post(path, body).await.problem(403), "forbidden");
    assert_eq!(ann.post(path, canned("Hello", "x", &person)).await.problem(422), "invalid");
    assert_eq!(ann.post(path, canned("x", "{{nobody.knows}}", &person)).await.problem(422), "invalid");
    ann.post(path, canned("hello", "mine", &person)).await.with(201);
    sue.post(path, canned("team-only", "x", &json!({ "kind": "team", "team": "billing" }))).await.with(201);

    assert_eq!(codes(&ann.get(path).await.with(200)), ["hello", "hello"]);
    assert_eq!(codes(&bob.get(path).await.with(200)), ["hello"]);
    assert_eq!(codes(&ann.get("/api/canned-messages?q=/hel&scope=person").await.with(200)), ["hello"]);
    assert_eq!(codes(&bob.get("/api/canned-messages?q=nothing").await.with(200)), Vec::<&str>::new());
    let page = ann.get("/api/canned-messages?limit=1").await.with(200);
    let next = format!("/api/canned-messages?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(ann.get(&next).await.with(200)["next_cursor"], Value::Null);

    let one = format!("{path}/{}", first["id"].as_str().unwrap());
    let changed = canned("hello", "Changed, {{customer.name}}", &tenant);
    let if_first = [("if-match", "\"1\"")];
    sue.ask(Method::PUT, &one, &if_first, Some(changed.clone())).await.with(200);
    let stale = sue.ask(Method::PUT, &one, &if_first, Some(changed)).await;
    assert_eq!(stale.problem(412), "precondition_failed");
    let (conversation, mohan) = Caller::begin(&hub, "Mohan Rao", "Hello").await;
    let render = ann.post(&format!("{one}/render"), json!({ "conversation_id": conversation })).await;
    assert_eq!(render.with(200), json!({ "text": "Changed, Mohan Rao", "missing": [] }));
    assert_eq!(mohan.get(path).await.problem(403), "forbidden");
    assert_eq!(sue.ask(Method::DELETE, &one, &if_first, None).await.problem(412), "precondition_failed");
    assert_eq!(sue.ask(Method::DELETE, &one, &[], None).await.status, 204);
    assert_eq!(sue.get(&one).await.problem(404), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_read_by_all_and_written_by_those_who_lead() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let sue = hub.tenant.with_login("Sue", Role::Admin, 1).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let sue = Caller::with_token(&hub, &sue.token);
    let path = "/api/articles";
    let article = |title: &str, body: &str, published: bool| json!({ "title": title, "body": body, "published": published });
    assert_eq!(ann.post(path, article("Refunds", "x", true)).await.problem(403), "forbidden");
    let body = article("How do I get a refund?", "Refunds take five days after the parcel is back.", true);
    let refund = sue.post(path, body.clone()).await.with(201);
    sue.post(path, article("Delivery", "A parcel arrives within three days.", true)).await.with(201);
    let draft = sue.post(path, article("Secret refund rules", "Refund everything", false)).await.with(201);

    let (_, mohan) = Caller::begin(&hub, "Mohan", "Hello").await;
    let found = mohan.get("/api/articles?q=When%20will%20my%20refund%20come%3F").await.with(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["items"][0]["title"], "How do I get a refund?");
    assert!(found["items"][0]["confidence"].as_f64().unwrap() > 0.4, "{found}");
    assert_eq!(mohan.get(path).await.with(200)["items"].as_array().unwrap().len(), 2);
    assert_eq!(ann.get(path).await.with(200)["items"].as_array().unwrap().len(), 3);
    let draft = format!("{path}/{}", draft["id"].as_str().unwrap());
    assert_eq!(mohan.get(&draft).await.problem(404), "not_found");
    let one = format!("{path}/{}", refund["id"].as_str().unwrap());
    assert_eq!(mohan.get(&one).await.header("etag"), "\"1\"");
    let stale = [("if-match", "\"7\"")];
    let refused = sue.ask(Method::PUT, &one, &stale, Some(body.clone())).await;
    assert_eq!(refused.problem(412), "precondition_failed");
    assert_eq!(sue.ask(Method::PUT, &one, &[], Some(body)).await.with(200)["version"], 2);
    assert_eq!(sue.ask(Method::DELETE, &one, &[], None).await.status, 204);
    assert_eq!(mohan.get(&one).await.problem(404), "not_found");
}
