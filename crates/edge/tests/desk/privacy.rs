//! What is kept goes when it should: by the tenant's retention, and when a customer asks for it.

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use reqwest::Method;
use serde_json::json;

use crate::support::{Caller, soon};

async fn ended_conversation(hub: &Hub, ann: &Caller) -> (String, String, Caller) {
    let (id, mohan) = Caller::begin(hub, "My address is 1 Long Lane").await;
    let view = mohan.get(&format!("/api/conversations/{id}")).await.with(200);
    let customer = view["customer"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/conversations/{id}/attachments?client_id=f&name=a.txt");
    mohan.send(Method::POST, &path, &[], "a file".into()).await.with(201);
    let note = json!({ "client_id": "n", "text": "lives far away", "note": true });
    ann.post(&format!("/api/conversations/{id}/messages"), note).await.with(201);
    mohan.post(&format!("/api/conversations/{id}/close"), json!({})).await.with(200);
    (id, customer, mohan)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_exported_and_erased_and_nobody_else_is() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (id, customer, mohan) = ended_conversation(&hub, &ann).await;
    let (other, other_customer, _) = ended_conversation(&hub, &ann).await;

    let export = format!("/api/admin/customers/{customer}/export");
    assert_eq!(ann.get(&export).await.problem(403), "forbidden");
    let document = soon("the database has all of it", async || {
        let document = admin.get(&export).await.with(200);
        document.to_string().contains("lives far away").then_some(document)
    })
    .await;
    let text = document.to_string();
    assert_eq!(document["conversations"][0]["conversation"]["id"], json!(id));
    assert_eq!(document["conversations"][0]["attachments"][0]["name"], "a.txt");
    assert!(text.contains("1 Long Lane") && !text.contains(&other), "{text}");

    let erase = format!("/api/admin/customers/{customer}");
    let (open, open_customer) = {
        let (open, eve) = Caller::begin(&hub, "Hello").await;
        let view = eve.get(&format!("/api/conversations/{open}")).await.with(200);
        (open, view["customer"]["id"].as_str().expect("an id").to_owned())
    };
    let refused = admin.delete(&format!("/api/admin/customers/{open_customer}")).await;
    assert_eq!(refused.problem(409), "conflict");
    assert!(refused.body().to_string().contains(&open));
    assert_eq!(admin.delete("/api/admin/customers/ann").await.problem(409), "conflict");
    let files = hub.stored_files();
    let erased = admin.delete(&erase).await.with(200);
    assert_eq!(erased, json!({ "conversations": 1, "files": 1 }));
    assert_eq!(hub.stored_files(), files - 1);
    assert_eq!(admin.get(&export).await.problem(404), "not_found");
    assert_eq!(admin.delete(&erase).await.problem(404), "not_found");
    let gone = mohan.get(&format!("/api/conversations/{id}/messages")).await;
    assert!(!gone.body().to_string().contains("Long Lane"), "{}", gone.body());
    let kept = admin.get(&format!("/api/admin/customers/{other_customer}/export")).await.with(200);
    assert!(kept.to_string().contains("1 Long Lane"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_retention_is_deleted() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (id, ..) = ended_conversation(&hub, &ann).await;
    let (open, eve) = Caller::begin(&hub, "I am still here").await;
    let path = "/api/admin/retention";
    assert_eq!(admin.put(path, json!({ "message_days": 0 })).await.problem(422), "invalid");
    let read = admin.get(path).await;
    let body = json!({ "message_days": 1, "attachment_days": 1 });
    admin.put_if(path, read.etag(), body.clone()).await.with(200);
    assert_eq!(admin.put_if(path, read.etag(), body).await.problem(412), "precondition_failed");

    // A worker whose clock is two days ahead.
    let messages = format!("/api/conversations/{id}/messages");
    let worker = hub.worker_ahead(std::time::Duration::from_hours(48));
    soon("what was said is gone", async || {
        let page = ann.get(&messages).await.with(200);
        (page["items"].as_array().map(Vec::len) == Some(0)).then_some(())
    })
    .await;
    soon("the file is gone", async || (hub.stored_files() == 0).then_some(())).await;
    let view = ann.get(&format!("/api/conversations/{id}")).await.with(200);
    assert_eq!(view["status"], "closed", "that it took place stays known");
    let page = eve.get(&format!("/api/conversations/{open}/messages")).await.with(200);
    assert!(page.to_string().contains("I am still here"), "{page}");
    worker.drain(std::time::Duration::from_secs(5)).await;
}
