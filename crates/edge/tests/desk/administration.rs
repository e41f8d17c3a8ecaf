//! Settings, people and teams, changed while the hub runs.

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use serde_json::json;

use crate::support::Caller;

async fn with_role(hub: &Hub, name: &str, role: Role) -> Caller {
    let staff = hub.tenant.with_login(name, role, 3).await;
    Caller::with_token(hub, &staff.token)
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_by_leads_changed_by_admins_and_never_over_a_newer_version() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = with_role(&hub, "Adam", Role::Admin).await;
    let supervisor = with_role(&hub, "Sue", Role::Supervisor).await;
    let agent = with_role(&hub, "Ann", Role::Agent).await;
    let path = "/api/admin/settings";
    assert_eq!(agent.get(path).await.problem(403), "forbidden");
    let read = supervisor.get(path).await;
    let mut settings = read.with(200);
    settings["policy"] = json!("manual");
    assert_eq!(supervisor.put(path, settings.clone()).await.problem(403), "forbidden");
    let changed = admin.put_if(path, read.etag(), settings.clone()).await;
    assert_eq!(changed.with(200)["policy"], "manual");
    assert_eq!(admin.put_if(path, read.etag(), settings.clone()).await.problem(412), "precondition_failed");
    assert_eq!(admin.get(path).await.etag(), changed.etag());
    settings["idle_close_ms"] = json!(0);
    assert_eq!(admin.put(path, settings.clone()).await.problem(422), "invalid");
    settings["unheard_of"] = json!(0);
    assert_eq!(admin.put(path, settings).await.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_customers_see_before_a_chat_is_set_by_admins_and_read_by_everybody() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = with_role(&hub, "Adam", Role::Admin).await;
    let supervisor = with_role(&hub, "Sue", Role::Supervisor).await;
    let nobody = Caller::nobody(&hub);
    let (path, site) = ("/api/admin/widget", "/api/site?tenant=acme");
    let before = nobody.get(site).await.with(200);
    assert_eq!((&before["open"], &before["widget"]["ask_name"]), (&json!(true), &json!("optional")));

    let form = json!({
        "greeting": "Ahoy!", "ask_name": "required", "closed_message": "Back on Monday.",
        "topics": [{ "value": "payment", "label": "Payment" }],
    });
    assert_eq!(supervisor.put(path, form.clone()).await.problem(403), "forbidden");
    let read = admin.get(path).await;
    let changed = admin.put_if(path, read.etag(), form.clone()).await;
    assert_eq!(changed.with(200)["topics"][0]["label"], "Payment");
    assert_eq!(admin.put_if(path, read.etag(), form).await.problem(412), "precondition_failed");
    let twice = json!({ "value": "payment", "label": "Payment" });
    assert_eq!(admin.put(path, json!({ "topics": [twice.clone(), twice] })).await.problem(422), "invalid");

    let hours = json!([{ "day": "monday", "from": "00:00", "until": "00:01" }]);
    let levels = json!({ "time_zone": "UTC", "hours": hours });
    admin.put("/api/admin/service-levels", levels).await.with(200);
    let after = nobody.get(site).await.with(200);
    assert_eq!(after["widget"]["greeting"], "Ahoy!");
    // One minute of the week is the exception.
    let opens_at = after["opens_at"].as_u64();
    assert!(after["open"] == json!(true) || opens_at.is_some_and(|at| at % 86_400_000 == 0), "{after}");
    assert_eq!(nobody.get("/api/site?tenant=nobody").await.problem(404), "not_found");
    assert_eq!(nobody.get("/api/site").await.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_made_changed_given_passwords_and_shut_out_while_the_hub_runs() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = with_role(&hub, "Adam", Role::Admin).await;
    let new = json!({
        "id": "ravi", "login": "ravi@example.org", "name": "Ravi", "role": "agent", "password": "a password",
        "capacity": 2, "skills": ["PAYMENT"], "teams": ["billing"], "email": "ravi@example.org",
    });
    let created = admin.post("/api/admin/users", new.clone()).await;
    assert_eq!((created.with(201)["capacity"].clone(), created.etag()), (json!(2), "\"1\""));
    assert_eq!(admin.post("/api/admin/users", new).await.problem(409), "conflict");

    let login = json!({ "tenant": "acme", "login": "ravi@example.org", "password": "a password" });
    let nobody = Caller::nobody(&hub);
    let tokens = nobody.post("/api/auth/login", login.clone()).await.with(200);
    let ravi = Caller::with_token(&hub, tokens["access_token"].as_str().expect("a token"));
    ravi.put("/api/agent/availability", json!({ "availability": "online" })).await.with(200);

    let edit = json!({ "role": "supervisor", "capacity": 4 });
    let edited = admin.put_if("/api/admin/users/ravi", created.etag(), edit.clone()).await;
    assert_eq!((edited.with(200)["role"].clone(), edited.etag()), (json!("supervisor"), "\"2\""));
    assert_eq!(
        admin.put_if("/api/admin/users/ravi", created.etag(), edit).await.problem(412),
        "precondition_failed"
    );
    let agents = admin.get("/api/agents").await.with(200);
    let as_agent = agents.as_array().expect("agents").iter().find(|agent| agent["id"] == "ravi");
    assert_eq!(as_agent.expect("an agent")["capacity"], 4);

    admin.put("/api/admin/users/ravi/password", json!({ "password": "short" })).await.problem(422);
    admin.put("/api/admin/users/ravi/password", json!({ "password": "another one" })).await.with(204);
    assert_eq!(nobody.post("/api/auth/login", login).await.problem(401), "wrong_credentials");

    // Nobody can lock themselves out, and who is shut out can neither log in nor renew.
    assert_eq!(admin.delete("/api/admin/users/adam").await.problem(409), "conflict");
    admin.delete("/api/admin/users/ravi").await.with(204);
    let login = json!({ "tenant": "acme", "login": "ravi@example.org", "password": "another one" });
    assert_eq!(nobody.post("/api/auth/login", login).await.problem(401), "wrong_credentials");
    let renewal = json!({ "refresh_token": tokens["refresh_token"] });
    assert_eq!(nobody.post("/api/auth/renew", renewal).await.problem(401), "unauthenticated");
    let agents = admin.get("/api/agents").await.with(200);
    let as_agent = agents.as_array().expect("agents").iter().find(|agent| agent["id"] == "ravi").cloned();
    assert_eq!(as_agent.expect("an agent")["availability"], "offline");

    let page = admin.get("/api/admin/users?limit=1").await.with(200);
    assert_eq!((&page["items"][0]["id"], &page["next_cursor"]), (&json!("adam"), &json!("adam")));
    let next = admin.get("/api/admin/users?limit=1&cursor=adam").await.with(200);
    assert_eq!((&next["items"][0]["id"], &next["items"][0]["disabled"]), (&json!("ravi"), &json!(true)));
    assert!(next["next_cursor"].is_null(), "{next}");
    assert_eq!(admin.get("/api/admin/users/nobody").await.problem(404), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn teams_are_described_and_go_when_nobody_belongs_to_them() {
    let hub = Hub::start(TenantSettings::default()).await;
    let admin = with_role(&hub, "Adam", Role::Admin).await;
    let team = "/api/admin/teams/billing";
    assert_eq!(
        admin.put("/api/admin/teams/bad%20name", json!({ "name": "x" })).await.problem(422),
        "invalid"
    );
    let made = admin.put(team, json!({ "name": "Billing" })).await;
    assert_eq!(made.with(200)["version"], 1);
    admin.put_if(team, made.etag(), json!({ "name": "Bills" })).await.with(200);
    assert_eq!(
        admin.put_if(team, made.etag(), json!({ "name": "No" })).await.problem(412),
        "precondition_failed"
    );
    admin.put("/api/admin/users/adam", json!({ "teams": ["billing", "others"] })).await.with(200);
    let teams = admin.get("/api/admin/teams").await.with(200);
    assert_eq!(teams[0], json!({ "id": "billing", "name": "Bills", "members": ["adam"], "version": 2 }));
    assert_eq!(teams[1]["version"], 0);
    assert_eq!(admin.delete(team).await.problem(409), "conflict");
    admin.put("/api/admin/users/adam", json!({ "teams": [] })).await.with(200);
    admin.delete(team).await.with(204);
    assert_eq!(admin.delete(team).await.problem(404), "not_found");
}
