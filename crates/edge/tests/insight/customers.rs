//! What the desk knows of a customer: what their browser claimed, what the desk wrote, what they did before.

use confab_domain::TenantSettings;
use confab_testhub::hub::Hub;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;

#[tokio::test(flavor = "multi_thread")]
async fn the_context_of_a_customer() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let start = json!({
        "tenant": "acme", "issue_type": "PAYMENT", "message": "Hello", "name": "Mohan",
        "details": {
            "attributes": { "plan": "gold", "orders": 3 },
            "page": { "url": "https://shop.example/cart", "title": "Cart" },
            "device": { "language": "hi" },
        },
    });
    let started = Caller::nobody(&hub).post("/api/chat/start", start).await.with(202);
    let mohan = Caller::with_token(&hub, started["token"].as_str().unwrap());
    let id = started["customer_id"].as_str().unwrap();
    let context = format!("/api/customer/{id}/context");
    let known = ann
        .until(&context, |known| {
            known["conversations"].as_array().is_some_and(|all| all.len() == 1)
                && known["profile"]["page"] != Value::Null
                && known["profile"]["name"] == "Mohan"
        })
        .await;
    assert_eq!(known["profile"]["claimed"], json!({ "plan": "gold", "orders": 3.0 }));
    assert_eq!(known["profile"]["attributes"], json!({}));
    assert_eq!(known["tickets"].as_array().unwrap().len(), 1);
    assert_eq!(known["conversations"][0]["id"], started["conversation_id"]);

    let page = format!("/api/customer/{id}/page");
    let moved = json!({ "page": { "url": "https://shop.example/help" } });
    assert_eq!(mohan.ask(Method::PUT, &page, &[], Some(moved.clone())).await.status, 204);
    assert_eq!(ann.ask(Method::PUT, &page, &[], Some(moved)).await.problem(403), "forbidden");
    let known = ann.get(&context).await;
    assert_eq!(known.body["profile"]["page"]["url"], "https://shop.example/help");
    let tag = known.header("etag");

    let attributes = format!("/api/customer/{id}/attributes");
    let write = |value: &str| json!({ "attributes": { "plan": value } });
    let on_read = [("if-match", tag.as_str())];
    let after = ann.ask(Method::PUT, &attributes, &on_read, Some(write("silver"))).await.with(200);
    assert_eq!((&after["attributes"]["plan"], &after["claimed"]["plan"]), (&json!("silver"), &json!("gold")));
    let stale = ann.ask(Method::PUT, &attributes, &on_read, Some(write("tin"))).await;
    assert_eq!(stale.problem(412), "precondition_failed");
    assert_eq!(mohan.ask(Method::PUT, &attributes, &[], Some(write("x"))).await.problem(403), "forbidden");
    assert_eq!(mohan.get(&context).await.problem(403), "forbidden");
    assert_eq!(ann.get("/api/customer/nobody/context").await.problem(404), "not_found");
}
