//! One command brings a hub up in which people can talk at once; after a restart what they said is there.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use confab_client::{ConversationFilter, HttpClient};
use confab_testkit::process::{Process, Spec, free_port};
use confab_testkit::wait;
use confab_testkit::{binaries, nats};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

/// How long a hub may take to come up. The second start is meant to take ten seconds at most.
const START_LIMIT: Duration = Duration::from_mins(1);
const SECOND_START_LIMIT: Duration = Duration::from_secs(10);
const CHAT_LIMIT: Duration = Duration::from_mins(1);

fn hub(data: &Path, port: u16) -> Process {
    let directory = data.join("data");
    Process::start(Spec {
        name: "hub".to_owned(),
        binary: binaries::find("confab"),
        arguments: ["all", "--demo", "--data"]
            .map(str::to_owned)
            .into_iter()
            .chain([directory.display().to_string(), "--listen".to_owned(), format!("127.0.0.1:{port}")])
            .collect(),
        variables: vec![(nats::SERVER_VARIABLE.to_owned(), nats::server_binary().display().to_string())],
        log: data.join("hub.log"),
        ..Spec::default()
    })
}

async fn is_up(http: &HttpClient, hub: &Process, limit: Duration) {
    let what = format!("the hub ready; it says: {}", hub.log());
    wait::until(&what, limit, || async { http.text("/health/ready").await.is_ok() }).await;
}

/// `confab chat` with these arguments, run to its end.
async fn chat(url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(binaries::find("confab"));
    command.args(["chat", "--url", url]).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(CHAT_LIMIT, command.output()).await.expect("the client comes to an end");
    output.expect("the client runs")
}

fn succeeded(who: &str, output: &Output) {
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{who} ended with {}:\n{said}\n{errors}", output.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_terminals_talk_through_the_demo_and_a_restart_forgets_nothing() {
    let home = TempDir::with_prefix("confab-demo-").expect("a directory");
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let http = HttpClient::new(&url).expect("a URL");
    let mut hub_process = hub(home.path(), port);
    is_up(&http, &hub_process, START_LIMIT).await;
    let banner = hub_process.log();
    for part in ["tenant     demo", "login sam", "login mohan", "password", url.as_str()] {
        assert!(banner.contains(part), "{part} is missing in: {banner}");
    }

    let agent = ["--as", "sam", "--expect", "stuck", "--send", "Let me look", "--wait", "30"];
    let customer =
        ["--as", "mohan", "--send", "My payment is stuck", "--expect", "Let me look", "--wait", "30"];
    let (agent, customer) = tokio::join!(chat(&url, &agent), chat(&url, &customer));
    succeeded("the agent", &agent);
    succeeded("the customer", &customer);

    hub_process.terminate();
    let status = hub_process.wait(Duration::from_secs(30)).expect("the hub comes to an end");
    assert!(status.success(), "the hub ended with {status}: {}", hub_process.log());
    let begun = Instant::now();
    hub_process.restart();
    is_up(&http, &hub_process, START_LIMIT).await;
    assert!(begun.elapsed() < SECOND_START_LIMIT, "the second start took {:?}", begun.elapsed());

    let tenant = "demo".parse().expect("an id");
    let tokens = http.login(&tenant, "mohan", "confab-demo").await.expect("mohan logs in");
    let mohan = http.with_token(tokens.access_token);
    let page =
        mohan.conversations(&ConversationFilter::default()).await.expect("his conversations are listed");
    assert_eq!(page.items.len(), 1, "{page:#?}");
    let history = mohan.history(&page.items[0].id, None, None).await.expect("the history is read");
    let texts: Vec<_> = history
        .items
        .iter()
        .filter(|item| item.entry.body.is_message())
        .filter_map(|item| item.entry.body.text())
        .collect();
    assert_eq!(texts, ["My payment is stuck", "Let me look"]);
}
