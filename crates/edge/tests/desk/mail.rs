//! E-mail to those who are not there, against a server that speaks SMTP: arrival, one e-mail for much that was missed,
//! preferences, unsubscribing, addresses that there are not, servers that have no time.

use std::time::Duration;

use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::{Extensions, Hub};
use confab_testhub::mailbox::Mailbox;
use confab_testhub::people::Staff;
use confab_testhub::person::{Device, Person};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, soon};

async fn hub() -> (Hub, Caller, Mailbox) {
    let (mailbox, url) = Mailbox::start().await;
    let hub = Hub::extended(TenantSettings::default(), Extensions::default(), |config| {
        config.mail.url = url;
        config.mail.starttls = confab_config::StartTls::Never;
        "support@hub.example".clone_into(&mut config.mail.from);
        config.mail.first_retry_ms = 50;
        config.worker.projector_linger_ms = 10;
        config.session.presence_grace_seconds = 1;
    })
    .await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    let set = json!({ "staff": true, "customers_after_seconds": 1, "from_name": "Acme desk" });
    admin.put("/api/admin/mail", set).await.with(200);
    (hub, admin, mailbox)
}

async fn with_address(admin: &Caller, staff: &Staff) {
    let address = format!("{}@hub.example", staff.id);
    admin.put(&format!("/api/admin/users/{}", staff.id), json!({ "email": address })).await.with(200);
}

/// Says who a customer is, as the host's system does.
async fn known_as(admin: &Caller, customer: &str, address: &str) {
    let path = format!("/api/customer/{customer}/attributes");
    admin.put(&path, json!({ "attributes": { "email": address } })).await.with(200);
}

async fn writes(agent: &Caller, id: &str, client_id: &str, text: &str) {
    let body = json!({ "client_id": client_id, "text": text });
    let sent = agent.post(&format!("/api/conversations/{id}/messages"), body).await;
    assert!(sent.status.is_success(), "{}", sent.body());
}

async fn customer_of(agent: &Caller, id: &str) -> String {
    let conversation = agent.get(&format!("/api/conversations/{id}")).await.with(200);
    let customer = &conversation["customer"]["id"];
    customer.as_str().unwrap_or_else(|| panic!("{conversation}")).to_owned()
}

async fn a_while() {
    tokio::time::sleep(Duration::from_secs(4)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_left_gets_one_mail_with_all_they_missed_until_they_want_none() {
    let (hub, admin, mailbox) = hub().await;
    let asha = hub.tenant.agent("Asha", 3).await;
    let asha = Caller::with_token(&hub, &asha.token);
    let (id, mohan) = Caller::begin(&hub, "My parcel is lost").await;
    asha.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    let customer = customer_of(&asha, &id).await;
    known_as(&admin, &customer, "mohan@example.org").await;
    for (client_id, text) in [("a-1", "We found it."), ("a-2", "It is <b>here</b> & dry."), ("a-3", ".\n.")] {
        writes(&asha, &id, client_id, text).await;
    }
    let mails = mailbox.gets(1).await;
    let mail = &mails[0];
    assert_eq!(mail.to, "mohan@example.org");
    assert_eq!(mail.header("subject"), "Asha wrote to you");
    assert!(mail.header("from").contains("Acme desk") && mail.header("from").contains("support@hub.example"));
    assert_eq!(mail.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    assert!(mail.text().contains("3 messages") && mail.text().contains("> It is <b>here</b> & dry."));
    assert!(mail.html().contains("It is &lt;b&gt;here&lt;/b&gt; &amp; dry."), "{}", mail.html());
    a_while().await;
    assert_eq!(mailbox.arrived().len(), 1, "one e-mail, not one a message");

    writes(&asha, &id, "a-4", "Are you there?").await;
    let second = mailbox.gets(2).await.pop().expect("two");
    assert!(second.text().contains("Are you there?") && !second.text().contains("We found it."));

    // Reading the page ends nothing; the request that mail programs make does, without logging in.
    let path = second.unsubscribe().split_once("/unsubscribe/").expect("a link").1;
    let path = format!("/unsubscribe/{path}");
    let nobody = Caller::nobody(&hub);
    let shown = nobody.get(&path).await;
    assert!(shown.with(200).as_str().is_some_and(|page| page.contains("<form method=\"post\">")));
    assert_eq!(mohan.get("/api/me/notifications").await.with(200)["unread_email"], true);
    let forged = path.replace(&customer, "somebody-else");
    assert_eq!(nobody.ask(Method::POST, &forged, &[], None).await.problem(404), "not_found");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for _ in 0..2 {
        let body = "List-Unsubscribe=One-Click".into();
        assert_eq!(nobody.send(Method::POST, &path, &form, body).await.status.as_u16(), 200);
    }
    let wants = mohan.get("/api/me/notifications").await;
    assert_eq!(wants.with(200)["unread_email"], false);
    writes(&asha, &id, "a-5", "Hello?").await;
    a_while().await;
    assert_eq!(mailbox.arrived().len(), 2);
    // And back, by preference.
    let back = json!({ "unread_email": true });
    mohan.put_if("/api/me/notifications", "\"0\"", back.clone()).await.problem(412);
    mohan.put_if("/api/me/notifications", wants.etag(), back).await.with(200);
    writes(&asha, &id, "a-6", "Still there?").await;
    assert!(mailbox.gets(3).await[2].text().contains("Hello?"), "what they were not sent is in the next");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_there_or_has_read_it_gets_no_mail() {
    let (hub, admin, mailbox) = hub().await;
    let asha = hub.tenant.agent("Asha", 3).await;
    let asha = Caller::with_token(&hub, &asha.token);
    let (mohan, chat) = Person::customer("Mohan", "Hello", &hub.tenant.id, Device::at(hub.url())).await;
    let id = chat.id.to_string();
    soon("the conversation waits", async || {
        let found = asha.get(&format!("/api/conversations/{id}")).await;
        (found.status.as_u16() == 200).then_some(())
    })
    .await;
    asha.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    known_as(&admin, mohan.id().as_str(), "mohan@example.org").await;
    writes(&asha, &id, "a-1", "Hello, Mohan").await;
    a_while().await;
    assert_eq!(mailbox.arrived().len(), 0, "they are connected");
    mohan.goes().await;
    let mail = mailbox.gets(1).await.pop().expect("one");
    assert!(mail.text().contains("Hello, Mohan"), "{}", mail.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_hear_of_mentions_and_assignments_and_a_bounce_stops_nobody_else() {
    let (hub, admin, mailbox) = hub().await;
    let asha = hub.tenant.agent("Asha", 3).await;
    let (ben, cat) = (hub.tenant.agent("Ben", 3).await, hub.tenant.agent("Cat", 3).await);
    for staff in [&ben, &cat] {
        with_address(&admin, staff).await;
    }
    let asha = Caller::with_token(&hub, &asha.token);
    let (id, _mohan) = Caller::begin(&hub, "Hello").await;
    asha.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    let note = async |client_id: &str, text: &str| {
        let body = json!({ "client_id": client_id, "text": text, "note": true });
        asha.post(&format!("/api/conversations/{id}/messages"), body).await
    };
    mailbox.is_busy_for(2);
    mailbox.knows_nobody_called("ben@hub.example");
    assert!(note("n-1", "@ben @cat please <i>look</i>").await.status.is_success());
    let mail = mailbox.gets(1).await.pop().expect("one");
    assert_eq!((mail.to.as_str(), mail.header("subject")), ("cat@hub.example", "Asha named you in a note"));
    assert!(mail.html().contains("&lt;i&gt;look&lt;/i&gt;") && mail.html().contains("/console/"));
    let refused = soon("the refusal is known", async || {
        let refused = admin.get("/api/admin/mail/refused").await.with(200);
        (!refused["items"].as_array().expect("items").is_empty()).then_some(refused)
    })
    .await;
    assert_eq!(refused["items"][0]["address"], "ben@hub.example");
    assert!(refused["items"][0]["reason"].as_str().is_some_and(|reason| reason.contains("no such user")));
    assert!(mailbox.connections() >= 4, "those that were sent away came again");

    let before = mailbox.connections();
    assert!(note("n-2", "@ben again").await.status.is_success());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(mailbox.connections(), before, "nobody goes there again");
    admin.delete("/api/admin/mail/refused/ben@hub.example").await.with(204);
    assert_eq!(admin.delete("/api/admin/mail/refused/ben@hub.example").await.problem(404), "not_found");

    // Without mentions, but with assignments.
    let cat = Caller::with_token(&hub, &cat.token);
    cat.put("/api/me/notifications", json!({ "mention_email": false })).await.with(200);
    assert!(note("n-3", "@cat once more").await.status.is_success());
    let ticket = asha.get(&format!("/api/conversations/{id}")).await.with(200);
    let ticket = ticket["ticket_id"].as_str().expect("an id").to_owned();
    let to_cat: Value = json!({ "assigned_agent": "cat" });
    asha.put(&format!("/api/tickets/{ticket}"), to_cat).await.with(200);
    let mails = mailbox.gets(2).await;
    assert_eq!(mails[1].header("subject"), "Asha gave you a ticket");
    assert!(mails[1].text().contains(&ticket));

    let eve = Caller::begin(&hub, "x").await.1;
    for path in ["/api/admin/mail", "/api/admin/mail/refused"] {
        assert_eq!(eve.get(path).await.problem(403), "forbidden");
    }
    assert_eq!(
        admin.put("/api/admin/mail", json!({ "customers_after_seconds": 0 })).await.problem(422),
        "invalid"
    );
}
