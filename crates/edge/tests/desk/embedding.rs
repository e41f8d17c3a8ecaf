//! What embedders plug in beside the responder: a listener that fails now and then, and a mailer of their own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use confab_domain::TenantSettings;
use confab_protocol::{ChatEvent, Role};
use confab_testhub::hub::{Extensions, Hub, Listener, ListenerError, Mail, MailError, Mailer};
use futures::future::BoxFuture;
use serde_json::json;

use crate::support::{Caller, soon};

/// Takes each event at the second attempt, and one of a sort never, slowly.
#[derive(Debug, Default)]
struct Moody {
    tried: Mutex<Vec<String>>,
    heard: Mutex<Vec<ChatEvent>>,
}

impl Listener for Moody {
    fn name(&self) -> &'static str {
        "moody"
    }

    fn hear<'a>(&'a self, event: &'a ChatEvent) -> BoxFuture<'a, Result<(), ListenerError>> {
        Box::pin(async move {
            let is_new = {
                let mut tried = self.tried.lock().expect("not poisoned");
                let is_new = !tried.contains(&event.id);
                tried.push(event.id.clone());
                is_new
            };
            if is_new {
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Err(ListenerError("not in the mood".to_owned()));
            }
            self.heard.lock().expect("not poisoned").push(event.clone());
            Ok(())
        })
    }
}

/// Keeps what it is given.
#[derive(Debug, Default)]
struct Pile(Mutex<Vec<Mail>>);

impl Mailer for Pile {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        self.0.lock().expect("not poisoned").push(mail.clone());
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_hears_all_that_happens_and_an_own_mailer_sends() {
    let (moody, pile) = (Arc::new(Moody::default()), Arc::new(Pile::default()));
    let listener: Arc<dyn Listener> = Arc::clone(&moody) as Arc<dyn Listener>;
    let mailer: Arc<dyn Mailer> = Arc::clone(&pile) as Arc<dyn Mailer>;
    let extensions = Extensions { listener: Some(listener), mailer: Some(mailer), ..Extensions::default() };
    let hub = Hub::extended(TenantSettings::default(), extensions, |_| ()).await;
    let admin = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let admin = Caller::with_token(&hub, &admin.token);
    admin.put("/api/admin/mail", json!({ "staff": true })).await.with(200);
    let asha = hub.tenant.agent("Asha", 3).await;
    let ben = hub.tenant.agent("Ben", 3).await;
    admin.put(&format!("/api/admin/users/{}", ben.id), json!({ "email": "ben@hub.example" })).await.with(200);
    let asha = Caller::with_token(&hub, &asha.token);
    let (id, _mohan) = Caller::begin(&hub, "Hello").await;
    asha.post(&format!("/api/agent/conversations/{id}/accept"), json!({})).await.with(200);
    let expected =
        ["CONVERSATION_ACCEPTED", "CONVERSATION_QUEUED", "CONVERSATION_STARTED", "MESSAGE_RECEIVED"];
    soon("everything is heard", async || {
        let mut kinds: Vec<_> =
            moody.heard.lock().expect("not poisoned").iter().map(|event| event.kind.as_str()).collect();
        kinds.sort_unstable();
        (kinds == expected).then_some(())
    })
    .await;
    let message = {
        let heard = moody.heard.lock().expect("not poisoned");
        heard.iter().find_map(|event| event.data.message.clone()).expect("a message")
    };
    assert_eq!(message.text(), Some("Hello"));

    let body = json!({ "agent": ben.id });
    asha.post(&format!("/api/agent/conversations/{id}/transfer"), body).await.with(200);
    let given = soon("there is an e-mail", async || {
        let pile = pile.0.lock().expect("not poisoned");
        pile.first().cloned()
    })
    .await;
    assert_eq!(given.subject, "Asha gave you a conversation");
    let body = json!({ "client_id": "n-1", "text": "@ben look", "note": true });
    asha.post(&format!("/api/conversations/{id}/messages"), body).await;
    let mail = soon("there is an e-mail", async || {
        let pile = pile.0.lock().expect("not poisoned");
        pile.iter().find(|mail| mail.subject.contains("named you")).cloned()
    })
    .await;
    assert_eq!((mail.to.as_str(), mail.from_name.as_str()), ("ben@hub.example", "Support"));
    assert!(mail.text.contains("@ben look") && mail.unsubscribe.contains("/unsubscribe/acme/ben/mention/"));
}
