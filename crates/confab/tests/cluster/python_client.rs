//! A client in another language, written from the protocol document alone, does an agent's work on two edges.

use std::env;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use confab_protocol::{Role, SystemEvent};
use confab_testhub::cluster::Cluster;
use confab_testhub::people::PASSWORD;
use confab_testhub::person::{Device, Person};
use rstest::rstest;
use tokio::process::Command;
use tokio::time::timeout;

/// Names a Python that has what `requirements.txt` beside the client asks for.
const PYTHON: &str = "CONFAB_PYTHON";
/// How long the client may take.
const LIMIT: Duration = Duration::from_mins(1);

#[rstest]
#[case::messagepack("confab.msgpack.v1")]
#[case::json("confab.json.v1")]
#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_takes_a_chat_drops_its_connection_and_resumes(#[case] subprotocol: &str) {
    let Some(python) = env::var_os(PYTHON) else {
        panic!("name a Python with websockets and msgpack in {PYTHON}; `cargo xtask test` makes one")
    };
    let cluster = Cluster::builder().edges(2).start().await;
    let tenant = cluster.tenant();
    tenant.with_login("Sam", Role::Agent, 1).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/python/client.py");
    let mut client = Command::new(python);
    client.arg(script).arg("--tenant").arg(tenant.id.as_str()).args([
        "--login",
        "sam",
        "--password",
        PASSWORD,
    ]);
    client.args(["--subprotocol", subprotocol]).args(["--url", cluster.url(0), "--then", cluster.url(1)]);
    let client = client.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn();
    let client = client.expect("Python starts");

    let (mut mohan, chat) =
        Person::customer("Mohan", "My payment is stuck", &tenant.id, Device::at(cluster.url(1))).await;
    mohan.sees_step(SystemEvent::ConversationAccepted).await;
    mohan.hears("Hello from Python").await;
    // The client drops its connection now. What is said before it is back must reach it, once, in order.
    for text in ["One", "Two", "Three"] {
        mohan.says_for_certain(&chat.channel(), text).await;
    }
    mohan.hears("I have One, Two, Three").await;
    mohan.sees_step(SystemEvent::ConversationClosed).await;

    let output =
        timeout(LIMIT, client.wait_with_output()).await.expect("it comes to an end").expect("it ran");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the client failed: {errors}");
    assert_eq!(
        mohan.texts_in(&chat.channel()),
        ["My payment is stuck", "Hello from Python", "One", "Two", "Three", "I have One, Two, Three"],
    );
}
