//! What may be written, and what was written as a file.

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use serde_json::json;

use crate::support::{Caller, soon};

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_filter_masks_or_refuses_what_is_written() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    let (id, mohan) = Caller::begin(&hub, "Hello").await;
    let path = "/api/admin/content-filter";
    assert_eq!(mohan.get(path).await.problem(403), "forbidden");
    let wrong = json!({ "patterns": ["("] });
    assert_eq!(admin.put(path, wrong).await.problem(422), "invalid");
    let mask = json!({ "action": "mask", "words": ["darn"], "customers_only": true });
    let first = admin.put_if(path, admin.get(path).await.etag(), mask).await;
    first.with(200);
    let messages = format!("/api/conversations/{id}/messages");
    let mut number = 0;
    soon("the filter holds", async || {
        number += 1;
        let said = json!({ "client_id": format!("m-{number}"), "text": format!("Darn it, {number}") });
        mohan.post(&messages, said).await.with(201);
        let history = mohan.get(&messages).await.with(200).to_string();
        history.contains(&format!("**** it, {number}")).then_some(())
    })
    .await;
    let said = json!({ "client_id": "a-1", "text": "darn" });
    Caller::with_token(&hub, admin.token()).post(&messages, said).await.with(201);
    assert!(mohan.get(&messages).await.with(200).to_string().contains("\"darn\""), "staff may");

    let refuse = json!({ "action": "refuse", "patterns": ["\\d{16}"] });
    admin.put_if(path, first.etag(), refuse).await.with(200);
    soon("the next filter holds", async || {
        number += 1;
        let said = json!({ "client_id": format!("m-{number}"), "text": "4111111111111111" });
        (mohan.post(&messages, said).await.status.as_u16() == 422).then_some(())
    })
    .await;
    let body = json!({ "tenant": "acme", "issue_type": "PAYMENT", "message": "4111111111111111" });
    assert_eq!(Caller::nobody(&hub).post("/api/chat/start", body).await.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_is_whole_escaped_and_without_notes_for_customers() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (id, mohan) = Caller::begin(&hub, "Is <b>this</b> right?").await;
    let messages = format!("/api/conversations/{id}/messages");
    for number in 0..150 {
        let said = json!({ "client_id": format!("m-{number}"), "text": format!("Line {number}") });
        ann.post(&messages, said).await.with(201);
    }
    ann.post(&messages, json!({ "client_id": "n", "text": "a secret", "note": true })).await.with(201);
    let path = format!("/api/conversations/{id}/transcript");

    let text = mohan.get(&path).await;
    assert!(text.header("content-disposition").ends_with(".txt\""));
    let text = String::from_utf8(text.bytes).expect("UTF-8");
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(": Line ")).collect();
    assert_eq!(lines.len(), 150, "{text}");
    assert!(lines[149].ends_with("Ann: Line 149"), "{}", lines[149]);
    assert!(!text.contains("a secret"));

    let html = mohan.get(&format!("{path}?format=html")).await;
    assert!(html.header("content-security-policy").contains("sandbox"));
    let page = html.body().as_str().expect("a page").to_owned();
    assert!(page.contains("Is &lt;b&gt;this&lt;/b&gt; right?") && page.ends_with("</html>\n"), "{page}");

    let document = ann.get(&format!("{path}?format=json&notes=true")).await.with(200);
    let entries = document["entries"].as_array().expect("entries");
    assert!(entries.iter().any(|item| item["entry"]["body"]["text"] == "a secret" && item["note"] == true));
    assert_eq!(document["conversation"]["id"], json!(id));
    assert_eq!(mohan.get(&format!("{path}?notes=true")).await.problem(403), "forbidden");
    assert_eq!(mohan.get(&format!("{path}?format=pdf")).await.problem(422), "invalid");
    let (_, other) = Caller::begin(&hub, "Somebody else").await;
    assert_eq!(other.get(&path).await.problem(404), "not_found");
}
