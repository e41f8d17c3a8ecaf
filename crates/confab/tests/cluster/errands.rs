//! Workers killed in the middle of an errand: the customer gets one automatic reply, and an e-mail comes once more at most,
//! under the same id.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use confab_domain::responder::ResponderSettings;
use confab_domain::{TenantSettings, notice, responder};
use confab_protocol::api::{MailBody, SendRequest};
use confab_protocol::{Body, ClientId};
use confab_store::UserChange;
use confab_testhub::cluster::{Cluster, ClusterBuilder};
use confab_testhub::mailbox::{Hold, Mailbox};
use confab_testhub::person::{Chat, Device, Person};
use confab_testkit::wait::{self, SOON};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

/// How long an errand is somebody's before it is given to another.
const ACK_WAIT_SECONDS: u64 = 2;
/// When nothing comes any more that would have come.
const QUIET: Duration = Duration::from_secs(3 * ACK_WAIT_SECONDS);
const ANSWER: &str = "It is on its way.";

/// How the model treats the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// It says nothing until the asker is gone.
    Silent,
    Answers,
}

/// A server that speaks as much of the API of chat completions as is needed.
#[derive(Debug, Clone)]
struct Model(Arc<Mutex<(Mood, usize)>>);

impl Model {
    async fn start() -> (Self, String) {
        let model = Self(Arc::new(Mutex::new((Mood::Answers, 0))));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (serving, tasks) = (model.clone(), TaskTracker::new());
        let tracker = tasks.clone();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tracker.spawn(async move { serving.serve(stream).await });
            }
        });
        (model, url)
    }

    fn is(&self, mood: Mood) {
        self.0.lock().expect("not poisoned").0 = mood;
    }

    fn asked(&self) -> usize {
        self.0.lock().expect("not poisoned").1
    }

    async fn is_asked(&self, times: usize) {
        wait::until("the model is asked", SOON, || async { self.asked() >= times }).await;
    }

    async fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut request = Vec::new();
        // The body is JSON without a line end, and ends with the request.
        while !request.ends_with(b"}") {
            if stream.read_buf(&mut request).await.ok()? == 0 {
                return None;
            }
        }
        let mood = {
            let mut inner = self.0.lock().expect("not poisoned");
            inner.1 += 1;
            inner.0
        };
        if mood == Mood::Silent {
            while stream.read_buf(&mut request).await.ok()? > 0 {}
            return None;
        }
        let body =
            json!({ "choices": [{ "message": { "role": "assistant", "content": ANSWER } }] }).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.ok()
    }
}

fn builder() -> ClusterBuilder {
    Cluster::builder().tenant(TenantSettings::default()).set("worker.ack_wait_seconds", ACK_WAIT_SECONDS)
}

fn restart(cluster: &mut Cluster) {
    cluster.workers[0].kill();
    cluster.workers[0].restart();
}

/// Answers that are shown and those that are stored.
async fn answers(cluster: &Cluster, customer: &Person, chat: &Chat) -> (usize, usize) {
    let shown = customer.texts_in(&chat.channel()).into_iter().filter(|text| *text == ANSWER).count();
    let history = cluster.tenant().store.history(&chat.id, None, 100, true).await.expect("a history");
    let is_answer = |body: &Body| body.text() == Some(ANSWER);
    (shown, history.items.iter().filter(|item| is_answer(&item.entry.body)).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_gets_one_reply_whenever_the_worker_dies() {
    let (model, url) = Model::start().await;
    let mut cluster = builder().set("replies.allow_private_addresses", true).start().await;
    let body = json!({
        "source": "endpoint", "name": "Robo", "hand_over_words": [], "hand_over_text": "A human will come.",
        "unsure_text": "I don't know.", "endpoint": { "url": url, "model": "m", "timeout_ms": 10_000 },
    });
    let settings = ResponderSettings { body: serde_json::from_value(body).expect("the settings"), key: None };
    cluster.tenant().store.put_setting(responder::SETTING, &settings, 0).await.expect("set");
    restart(&mut cluster);
    let tenant = cluster.tenant().id.clone();
    let mut customers = Vec::new();

    // While it waits for the answer.
    model.is(Mood::Silent);
    let device = Device::at(cluster.url(0));
    customers.push(Person::customer("Mohan", "Where is my parcel?", &tenant, device).await);
    model.is_asked(1).await;
    cluster.workers[0].kill();
    model.is(Mood::Answers);
    cluster.workers[0].restart();
    customers[0].0.hears(ANSWER).await;
    assert!(model.asked() >= 2, "it was asked again");

    // At some moment after the answer: before the command is given, before it is carried out, before the errand is done.
    for (number, millis) in [0, 1, 3, 6, 12, 25, 50].into_iter().enumerate() {
        let asked = model.asked();
        let device = Device::at(cluster.url(0));
        customers.push(Person::customer(&format!("C{number}"), "And mine?", &tenant, device).await);
        model.is_asked(asked + 1).await;
        tokio::time::sleep(Duration::from_millis(millis)).await;
        restart(&mut cluster);
        customers[number + 1].0.hears(ANSWER).await;
    }
    for (customer, _) in &mut customers {
        customer.looks_on(QUIET / 8).await;
    }
    tokio::time::sleep(QUIET).await;
    for (customer, chat) in &customers {
        assert_eq!(answers(&cluster, customer, chat).await, (1, 1), "{}", customer.name());
    }
    println!("{} questions, {} requests to the model", customers.len(), model.asked());
}

struct Desk {
    cluster: Cluster,
    mailbox: Mailbox,
    ann: Person,
    chat: Chat,
}

impl Desk {
    /// A desk on which Ben is not there, and hears by e-mail when he is named.
    async fn open() -> Self {
        let (mailbox, url) = Mailbox::start().await;
        let cluster = builder()
            .set("mail.url", url)
            .set("mail.starttls", "never")
            .set("mail.from", "support@hub.example")
            .set("mail.first_retry_ms", 100)
            .set("server.public_url", "http://chat.example")
            .start()
            .await;
        let store = &cluster.tenant().store;
        let settings = MailBody { staff: true, ..MailBody::default() };
        store.put_setting(notice::SETTING, &settings, 0).await.expect("set");
        let ben = cluster.tenant().agent("Ben", 1).await;
        let change = UserChange {
            name: ben.name.clone(),
            role: ben.role,
            email: Some("ben@hub.example".to_owned()),
            disabled: false,
        };
        store.change_user(&ben.id, 1, &change).await.expect("Ben has an address");
        let (id, device) = (cluster.tenant().id.clone(), || Device::at(cluster.url(0)));
        let ann = cluster.tenant().agent("Ann", 1).await;
        let mut ann = Person::agent(&ann, &id, device()).await;
        let (_, chat) = Person::customer("Mohan", "Hello", &id, device()).await;
        ann.is_given(&chat).await;
        Self { cluster, mailbox, ann, chat }
    }

    async fn names_ben(&self, id: &str) {
        let note = SendRequest {
            client_id: ClientId::parse(id).expect("an id"),
            text: format!("@ben please look: {id}"),
            note: true,
            known: None,
        };
        self.ann.http().send(&self.chat.id, &note).await.expect("the note is taken");
    }

    /// The ids under which the e-mail about a note came.
    async fn ids(&self, note: &str) -> Vec<String> {
        let mails = self.mailbox.gets(self.mailbox.arrived().len()).await;
        let about = mails.iter().filter(|mail| mail.text().contains(note));
        about.map(|mail| mail.header("message-id").to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_e_mail_comes_once_more_at_most_and_under_the_same_id() {
    let mut desk = Desk::open().await;
    // The server did not have it when the worker died: it comes once.
    desk.mailbox.holds(Hold::BeforeData);
    desk.names_ben("early").await;
    wait::until("the server holds it", SOON, || async { desk.mailbox.held() == 1 }).await;
    restart(&mut desk.cluster);
    wait::until("it comes", SOON, || async { desk.mailbox.arrived().len() == 1 }).await;

    // The server had it and did not say so: nobody can know, so it comes again, and is known by its id.
    desk.mailbox.holds(Hold::AfterData);
    desk.names_ben("late").await;
    wait::until("the server holds it", SOON, || async { desk.mailbox.held() == 2 }).await;
    restart(&mut desk.cluster);
    wait::until("it comes again", SOON, || async { desk.mailbox.arrived().len() == 3 }).await;

    // The server had it and said so; whether the worker still noted it is chance.
    for number in 0..4 {
        let before = desk.mailbox.arrived().len();
        desk.names_ben(&format!("told-{number}")).await;
        wait::until("it comes", SOON, || async { desk.mailbox.arrived().len() > before }).await;
        restart(&mut desk.cluster);
        tokio::time::sleep(QUIET / 2).await;
    }
    tokio::time::sleep(QUIET).await;
    assert_eq!(desk.ids("early").await.len(), 1);
    let late = desk.ids("late").await;
    assert!(late.len() == 2 && late[0] == late[1], "{late:?}");
    for number in 0..4 {
        let ids = desk.ids(&format!("told-{number}")).await;
        assert!((1..=2).contains(&ids.len()) && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
    println!("6 e-mails, sent {} times", desk.mailbox.arrived().len());
}
