//! The dashboard and the reports: what happened is counted once, by those who did it.

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use serde_json::{Value, json};

use crate::caller::Caller;

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_counted_once() {
    let hub = Hub::start(TenantSettings::default()).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let sue = hub.tenant.with_login("Sue", Role::Supervisor, 1).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let sue = Caller::with_token(&hub, &sue.token);
    let (first, _) = Caller::begin(&hub, "Mohan", "Hello").await;
    Caller::begin(&hub, "Zoe", "Hello").await;
    ann.post(&format!("/api/agent/conversations/{first}/accept"), json!({})).await.with(200);
    for number in 0..3 {
        let said = json!({ "client_id": format!("m-{number}"), "text": "Let me look" });
        ann.post(&format!("/api/conversations/{first}/messages"), said).await.with(201);
    }
    ann.post(&format!("/api/agent/conversations/{first}/close"), json!({})).await.with(200);

    let report = "/api/admin/support/reports?by=agent";
    let is_whole = |report: &Value| {
        let total = &report["total"];
        total["closed"] == 1 && total["first_response"]["count"] == 1 && total["started"] == 2
    };
    let by_agent = sue.until(report, is_whole).await;
    let rows = by_agent["rows"].as_array().unwrap();
    let anns = rows.iter().find(|row| row["key"] == "ann").unwrap();
    assert_eq!(
        (&anns["name"], &anns["wait"]["count"], &anns["closed"]),
        (&json!("Ann"), &json!(1), &json!(1))
    );
    assert_eq!(rows.iter().find(|row| row["key"] == "").unwrap()["started"], 2);
    let by_category = sue.get("/api/admin/support/reports?by=category").await.with(200);
    assert_eq!(by_category["rows"][0]["key"], "PAYMENT");
    let csv = sue.get("/api/admin/support/reports?by=agent&format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let csv = csv.with(200);
    let lines: Vec<&str> = csv.as_str().unwrap().lines().collect();
    assert!(lines[0].starts_with("key,name,started") && lines.len() == 1 + rows.len(), "{lines:?}");
    assert_eq!(ann.get(report).await.problem(403), "forbidden");
    assert_eq!(sue.get("/api/admin/support/reports?from=2&to=1").await.problem(422), "invalid");

    let now = sue.get("/api/admin/support/dashboard").await.with(200);
    assert_eq!(
        (&now["waiting"], &now["active"], &now["today"]["started"]),
        (&json!(1), &json!(0), &json!(2))
    );
    assert_eq!(now["agents"]["offline"], 2);
    assert_eq!(ann.get("/api/admin/support/dashboard").await.problem(403), "forbidden");
}
