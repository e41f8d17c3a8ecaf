//! `GET /api/search`: staff find what is their tenant's, customers what is their own, never notes.

use confab_domain::TenantSettings;
use confab_testhub::hub::Hub;
use serde_json::{Value, json};

use crate::caller::Caller;

fn texts(group: &Value) -> Vec<&str> {
    group["items"].as_array().unwrap().iter().map(|item| item["excerpt"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_finds_what_they_may_see() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (id, mohan) = Caller::begin(&hub, "Mohan Rao", "Where is my zeppelin?").await;
    let (_, zoe) = Caller::begin(&hub, "Zoë", "I lost a <b>zeppelin</b> & more").await;
    ann.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    let note = json!({ "client_id": "n-1", "text": "The zeppelin is grounded", "note": true });
    ann.post(&format!("/api/conversations/{id}/messages"), note).await.with(201);

    let all = |count| move |found: &Value| texts(&found["messages"]).len() == count;
    let found = ann.until("/api/search?q=ZEPPELIN", all(3)).await;
    assert_eq!(found["messages"]["is_bounded"], false);
    assert_eq!(found["tickets"]["items"].as_array().unwrap().len(), 2);
    assert_eq!(found["customers"]["items"], json!([]));
    let zoes = found["messages"]["items"].as_array().unwrap();
    let zoes = zoes.iter().find(|item| item["customer"]["name"] == "Zoë").unwrap();
    assert_eq!(zoes["excerpt"], "I lost a <b>zeppelin</b> & more", "plain text as it was written");
    assert_eq!(zoes["highlights"], json!([{ "start": 12, "end": 20 }]));

    let found = mohan.until("/api/search?q=zeppelin", all(1)).await;
    assert_eq!(texts(&found["messages"]), ["Where is my zeppelin?"], "neither the note nor Zoë's");
    assert_eq!(found["tickets"]["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["customers"], Value::Null);
    assert_eq!(mohan.get("/api/search?q=m&in=customers").await.problem(403), "forbidden");
    let others = zoe.get(&format!("/api/search?q=zeppelin&conversation={id}")).await;
    assert_eq!(others.problem(404), "not_found");

    let names = ann.get("/api/search?q=moh%20ra&in=customers").await.with(200);
    assert_eq!(names["customers"]["items"][0]["name"], "Mohan Rao");
    assert_eq!(names["customers"]["items"][0]["highlights"].as_array().unwrap().len(), 2);
    assert_eq!(names["messages"], Value::Null);
    let mine = ann.get("/api/search?q=zeppelin&author=me").await.with(200);
    assert_eq!(texts(&mine["messages"]), ["The zeppelin is grounded"]);
    assert_eq!(ann.get("/api/search?q=..").await.problem(422), "invalid");
    assert_eq!(ann.get("/api/search?q=x&in=secrets").await.problem(422), "invalid");
    assert_eq!(Caller::nobody(&hub).get("/api/search?q=x").await.problem(401), "unauthenticated");
}
