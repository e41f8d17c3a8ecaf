//! Somebody who is erased is erased everywhere: all streams and all tables are searched for what is theirs.

use std::collections::BTreeSet;

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use reqwest::Method;
use serde_json::json;

use crate::support::{Caller, soon};

/// What is said by and of the customer, and by nobody of anybody else.
const MARKS: [&str; 3] = ["Zebulon", "aardvark", "zebulon@mail.example"];
const OTHERS: [&str; 1] = ["Ottokar"];

struct Scene {
    hub: Hub,
    admin: Caller,
    ann: Caller,
}

impl Scene {
    async fn new() -> Self {
        let hub = Hub::start_with(TenantSettings::default(), |config| {
            config.events.allow_private_addresses = true;
            config.worker.projector_linger_ms = 10;
        })
        .await;
        let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
        let admin = Caller::with_token(&hub, &admin.token);
        let ann = hub.tenant.agent("Ann", 9).await;
        let ann = Caller::with_token(&hub, &ann.token);
        hub.tenant.agent("Ben", 0).await;
        ann.put("/api/agent/availability", json!({ "availability": "online" })).await;
        // Nobody listens there: its deliveries stay to be sent.
        let hook = json!({ "url": "http://127.0.0.1:9/", "description": "for a test" });
        admin.post("/api/admin/webhooks", hook).await.with(201);
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        Self { hub, admin, ann }
    }

    /// A conversation in which much happens, by somebody of this name; the customer's id.
    async fn conversation(&self, name: &str, animal: &str) -> (String, Caller) {
        let ann = &self.ann;
        let started = json!({
            "tenant": "acme", "issue_type": "PAYMENT", "name": format!("{name} Quirk"),
            "message": format!("My {animal} lives at 1 Long Lane"),
            "details": {
                "attributes": { "email": format!("{}@mail.example", name.to_lowercase()) },
                "page": { "url": format!("https://shop.example/{animal}"), "title": animal },
            },
        });
        let started = Caller::nobody(&self.hub).post("/api/chat/start", started).await.with(202);
        let id = started["conversation_id"].as_str().expect("an id").to_owned();
        let customer = started["customer_id"].as_str().expect("an id").to_owned();
        let theirs = Caller::with_token(&self.hub, started["token"].as_str().expect("a token"));
        let path = |rest: &str| format!("/api/conversations/{id}{rest}");
        let view = soon("it begins", async || {
            let view = theirs.get(&path("")).await;
            (view.status == 200).then(|| view.body())
        })
        .await;
        ann.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await;
        let file = path(&format!("/attachments?client_id=f&name={animal}.txt"));
        theirs.send(Method::POST, &file, &[], format!("the {animal}'s file").into()).await.with(201);
        let say = async |who: &Caller, client_id: &str, text: String, note: bool| {
            let body = json!({ "client_id": client_id, "text": text, "note": note });
            who.post(&path("/messages"), body).await.with(201);
        };
        say(ann, "a", format!("Dear {name}, is the {animal} well?"), false).await;
        say(ann, "n", format!("@ben {name} has a strange {animal}"), true).await;
        let attributes =
            json!({ "attributes": { "email": format!("{}@mail.example", name.to_lowercase()) } });
        ann.put(&format!("/api/customer/{customer}/attributes"), attributes).await.with(200);
        let ticket = view["ticket_id"].as_str().expect("a ticket");
        let edit = json!({ "subject": format!("{name}'s {animal}"), "labels": [animal] });
        ann.put(&format!("/api/tickets/{ticket}"), edit).await.with(200);
        theirs.post(&path("/close"), json!({})).await.with(200);
        let survey = json!({ "score": 2, "comment": format!("the {animal} is sad") });
        theirs.post(&path("/survey"), survey).await.with(200);
        let alone = json!({ "subject": format!("{animal} again"), "description": format!("says {name}") });
        theirs.post("/api/tickets", alone).await.with(201);
        (customer, theirs)
    }

    async fn streams_with(&self, texts: &[&str]) -> BTreeSet<String> {
        let found = self.hub.bus.find_texts(texts, 10_000).await.expect("all streams are read");
        found.into_iter().map(|entry| entry.stream.split('_').next().unwrap_or_default().to_owned()).collect()
    }

    async fn tables_with(&self, texts: &[&str]) -> BTreeSet<String> {
        let found = self.hub.tenant.store.find_texts(texts, 10_000).await.expect("all tables are read");
        found.into_iter().map(|record| record.table).collect()
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_any_stream_or_table_names_them_afterwards() {
    let on = Scene::new().await;
    let (customer, theirs) = on.conversation("Zebulon", "aardvark").await;
    let (other, _) = on.conversation("Ottokar", "badger").await;
    let everywhere = names(&[
        "attachment",
        "audit",
        "command",
        "conversation",
        "customer",
        "message",
        "ticket",
        "ticket_step",
        "webhook_delivery",
    ]);
    soon("all of it is written", async || {
        let tables = on.tables_with(&MARKS).await;
        let streams = on.streams_with(&MARKS).await;
        (tables.is_superset(&everywhere) && streams.is_superset(&names(&["CHAT", "CONV", "FEED"])))
            .then_some(())
    })
    .await;
    let streams = on.streams_with(&OTHERS).await;
    let tables = on.tables_with(&OTHERS).await;

    let path = format!("/api/admin/customers/{customer}");
    let erased = on.admin.delete(&path).await.with(200);
    assert_eq!(erased, json!({ "conversations": 1, "files": 1 }));
    assert_eq!(on.hub.stored_files(), 1, "the other's file stays");
    assert_eq!(on.streams_with(&MARKS).await, BTreeSet::new());
    assert_eq!(on.tables_with(&MARKS).await, BTreeSet::new());
    // That they were erased, and what staff did, is on record by their id alone.
    assert_eq!(on.streams_with(&[&customer]).await, BTreeSet::new());
    assert_eq!(on.tables_with(&[&customer]).await, names(&["audit"]));
    // Nobody writes it down again.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(on.tables_with(&MARKS).await, BTreeSet::new());
    assert_eq!(on.admin.delete(&path).await.problem(404), "not_found");
    assert_eq!(theirs.get("/api/tickets").await.with(200)["items"], json!([]));

    // Of others everything is there.
    assert_eq!(on.streams_with(&OTHERS).await, streams);
    assert_eq!(on.tables_with(&OTHERS).await, tables);
    let kept = on.admin.get(&format!("/api/admin/customers/{other}/export")).await.with(200);
    assert!(kept.to_string().contains("badger"));
    let log = on.admin.get("/api/admin/audit?action=erase_customer").await.with(200);
    assert_eq!(log["items"][0]["target_id"], json!(customer));
}
