//! A backup is restored into an empty system: everything is there, and chats go on.

use std::path::Path;
use std::time::Duration;

use confab_protocol::ConversationId;
use confab_store::TenantStore;
use confab_testhub::cluster::{Cluster, ClusterBuilder};
use confab_testhub::person::{Device, Person};
use confab_testkit::wait;
use reqwest::Method;
use tempfile::TempDir;

const CAUGHT_UP: Duration = Duration::from_secs(20);
/// Rows that are compared.
const ALL: u32 = 1000;

fn hub(files: &Path) -> ClusterBuilder {
    Cluster::builder().set("attachments.url", files.display())
}

/// What the database holds of a conversation and its people.
async fn state(store: &TenantStore, id: &ConversationId) -> Vec<String> {
    let conversation = store.conversation(id).await.expect("read").expect("it is there");
    let ticket = store.ticket(&conversation.ticket_id).await.expect("read").expect("it is there");
    let history = store.history(id, None, ALL, true).await.expect("read");
    let users = store.users(None, ALL).await.expect("read");
    let files = store.attachments_of(id).await.expect("read");
    let agents = store.agents().await.expect("read");
    vec![
        format!("{conversation:?}"),
        format!("{ticket:?}"),
        format!("{:?}", history.items),
        format!("{:?}", users.items),
        format!("{files:?}"),
        format!("{agents:?}"),
    ]
}

/// Waits until the history ends with this entry.
async fn is_written(store: &TenantStore, id: &ConversationId, seq: u64) {
    wait::until("the projector has caught up", CAUGHT_UP, || async {
        let history = store.history(id, None, ALL, true).await.expect("read");
        history.items.last().is_some_and(|item| item.seq >= seq)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_is_there_again_and_goes_on() {
    let place = TempDir::with_prefix("confab-backup-").expect("a directory");
    let directory = place.path().join("backup").display().to_string();
    let mut first = hub(&place.path().join("files-1")).start().await;
    let tenant = first.tenant().clone();
    let ann = tenant.agent("Ann", 3).await;
    let mut there = Person::agent(&ann, &tenant.id, Device::at(first.url(0))).await;
    let (mut mohan, chat) =
        Person::customer("Mohan", "My payment is stuck", &tenant.id, Device::at(first.url(0))).await;
    there.is_given(&chat).await;
    let mut said = vec!["My payment is stuck".to_owned()];
    let mut seen = 0;
    for number in 0..20 {
        said.push(format!("line {number}"));
        seen = mohan.says_for_certain(&chat.channel(), &said[number + 1]).await;
    }
    let path = format!("/api/conversations/{}/attachments?client_id=f-1&name=note.txt", chat.id);
    let upload = mohan.http().request(Method::POST, &path).header("content-type", "text/plain");
    let answer = upload.body("a file that is kept").send().await.expect("the hub answers");
    assert_eq!(answer.status().as_u16(), 201, "{:?}", answer.text().await);

    let refused = first.run(&["backup", &directory]).expect_failure();
    assert!(refused.contains("stop all workers first"), "{refused}");
    is_written(&tenant.store, &chat.id, seen).await;
    first.workers[0].terminate();
    first.workers[0].wait(CAUGHT_UP).expect("the worker ends");
    wait::until("nobody asks for commands", CAUGHT_UP, || async {
        !first.bus().has_workers().await.expect("asked")
    })
    .await;
    said.push("note.txt".to_owned());
    // Edges go on: this is in the log, and not in the database yet.
    said.push("while nobody works".to_owned());
    let last = mohan.says_for_certain(&chat.channel(), "while nobody works").await;
    let told = first.run(&["backup", &directory]).expect_success();
    assert!(told.contains("saved 1 tenants") && told.contains(" 1 attached files"), "{told}");
    let again = first.run(&["backup", &directory]).expect_failure();
    assert!(again.contains("is not empty"), "{again}");
    let full = first.run(&["restore", &directory]).expect_failure();
    assert!(full.contains("into an empty system only"), "{full}");
    let before = state(&tenant.store, &chat.id).await;
    let (id, token) = (mohan.id().clone(), mohan.http().token().expect("a token").to_owned());
    mohan.goes().await;
    there.goes().await;
    drop(first);

    let mut second = hub(&place.path().join("files-2")).workers(0).without_tenant().start().await;
    // Edges keep what they know of the streams, so none runs meanwhile.
    second.edges[0].process.kill();
    second.run(&["restore", &directory]).expect_success();
    second.edges[0].restart().await;
    let store = second.store().tenant(&tenant.id).await.expect("the tenant is there");
    assert_eq!(state(&store, &chat.id).await, before);
    second.add_worker();
    is_written(&store, &chat.id, last).await;
    let mut back = Person::connect("Mohan", id, &token, Device::at(second.url(0))).await;
    // The streams are new ones to clients: they are told so, and read from the beginning.
    back.joins(&chat.channel()).await;
    back.hears("while nobody works").await;
    let mut ann = Person::agent(&ann, &tenant.id, Device::at(second.url(0))).await;
    ann.joins(&chat.channel()).await;
    ann.hears("while nobody works").await;
    let next = ann.says_for_certain(&chat.channel(), "we are back").await;
    assert!(next > last, "a sequence is given once");
    assert_eq!(back.hears("we are back").await, next);
    for person in [&back, &ann] {
        let texts = person.texts_in(&chat.channel());
        assert_eq!(texts[..said.len()], said, "everything, once");
    }
    let files = store.attachments_of(&chat.id).await.expect("read");
    let path = format!("/api/attachments/{}", files[0].id);
    let view: serde_json::Value = back.http().get(&path, &[]).await.expect("the file is known");
    let link = view["links"]["url"].as_str().expect("a link").to_owned();
    assert_eq!(second.http(0).text(&link).await.expect("the file is read"), "a file that is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_damaged_is_refused_before_anything_is_done() {
    let place = TempDir::with_prefix("confab-backup-").expect("a directory");
    let directory = place.path().join("backup");
    let text = directory.display().to_string();
    let first = hub(&place.path().join("files")).workers(0).start().await;
    first.run(&["backup", &text]).expect_success();
    drop(first);
    let second = hub(&place.path().join("files")).workers(0).without_tenant().start().await;
    let tenant = directory.join("tenant-acme.surql");
    let whole = std::fs::read_to_string(&tenant).expect("the file is there");
    std::fs::write(&tenant, format!("{whole}-- more")).expect("written");
    let refused = second.run(&["restore", &text]).expect_failure();
    assert!(refused.contains("tenant-acme.surql is not what was saved"), "{refused}");
    std::fs::write(&tenant, whole).expect("written");
    second.run(&["restore", &text]).expect_success();
    std::fs::remove_file(directory.join("manifest.json")).expect("removed");
    let refused = second.run(&["restore", &text]).expect_failure();
    assert!(refused.contains("is no finished backup"), "{refused}");
}
