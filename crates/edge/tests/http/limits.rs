//! How much one person, one address and one tenant may do, whatever connections they use.

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use confab_testhub::people::{Tenant, stranger};
use serde_json::json;

use crate::support::{Answer, Caller, begin, start_body};

fn told_when(answer: &Answer) {
    assert_eq!(answer.problem(429), "rate_limited");
    let seconds = answer.headers["retry-after"].to_str().expect("digits").parse::<u64>().expect("a number");
    assert!((1..=60).contains(&seconds), "{seconds}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_sends_only_so_much_and_others_go_on() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.limits.messages_per_second_per_user = 1;
        config.limits.messages_burst = 2;
    })
    .await;
    let (id, mohan) = begin(&hub).await;
    let (other_id, asha) = begin(&hub).await;
    let say = async |who: &Caller<'_>, id: &str, number: u32| {
        let body = json!({ "client_id": format!("m-{number}"), "text": "Hello" });
        who.post(&format!("/api/conversations/{id}/messages"), body).await
    };
    for number in 0..2 {
        say(&mohan, &id, number).await.with(201);
    }
    told_when(&say(&mohan, &id, 2).await);
    say(&asha, &other_id, 0).await.with(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_asks_only_so_much_and_others_go_on() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.limits.requests_per_second_per_user = 1;
        config.limits.requests_burst = 5;
        config.limits.requests_per_second_per_address = 1_000_000;
    })
    .await;
    let person = |name: &str| Caller::with_token(&hub, &stranger(&hub.tenant.id, name, Role::Agent).token);
    let (ann, bob) = (person("Ann"), person("Bob"));
    let mut last = ann.get("/api/auth/me").await;
    for _ in 0..5 {
        last = ann.get("/api/auth/me").await;
    }
    told_when(&last);
    bob.get("/api/auth/me").await.with(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenant_begins_only_so_many_chats_and_others_go_on() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.limits.starts_per_minute_per_tenant = 2;
    })
    .await;
    Tenant::create(&hub.store, "globex", TenantSettings::default()).await;
    let nobody = Caller::nobody(&hub);
    for _ in 0..2 {
        nobody.post("/api/chat/start", start_body()).await.with(202);
    }
    told_when(&nobody.post("/api/chat/start", start_body()).await);
    let mut theirs = start_body();
    theirs["tenant"] = json!("globex");
    nobody.post("/api/chat/start", theirs).await.with(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_begins_only_so_many_chats() {
    let hub = Hub::start_with(TenantSettings::default(), |config| {
        config.limits.starts_per_minute_per_address = 2;
    })
    .await;
    let nobody = Caller::nobody(&hub);
    for _ in 0..2 {
        nobody.post("/api/chat/start", start_body()).await.with(202);
    }
    told_when(&nobody.post("/api/chat/start", start_body()).await);
}
