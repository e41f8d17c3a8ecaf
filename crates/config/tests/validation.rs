//! Values that have the right type and still cannot be used: each is named together with what to do.

use confab_config::{Config, ConfigError, Invalid};
use rstest::rstest;

/// Loads with one variable per `SECTION__FIELD=value`.
fn load(settings: &[&str]) -> Result<Config, ConfigError> {
    let variables = settings.iter().map(|setting| {
        let (name, value) = setting.split_once('=').expect("a name and a value");
        (format!("CONFAB_{name}"), value.to_owned())
    });
    Config::load_with(None, variables)
}

#[rstest]
#[case(&["SERVER__PUBLIC_URL=chat.example"], "server.public_url", "https://chat.example")]
#[case(&["SERVER__ALLOWED_ORIGINS=https://a.example/path"], "server.allowed_origins", "without a path")]
#[case(&["SERVER__ALLOWED_ORIGINS=a.example"], "server.allowed_origins", "scheme and host")]
#[case(&["SERVER__DRAIN_SECONDS=4000"], "server.drain_seconds is 4000", "0 to 3600 seconds")]
#[case(&["SERVER__REQUEST_TIMEOUT_MS=5"], "server.request_timeout_ms is 5", "100 to 120000 milliseconds")]
#[case(&["SERVER__NODE_ID=edge.1"], "server.node_id", "A-Z a-z 0-9 _ -")]
#[case(&["NATS__URL=localhost:4222"], "nats.url", "nats://host:4222")]
#[case(&["NATS__URL=nats://a:4222,http://b"], "nats.url is \"http://b\"", "nats://host:4222")]
#[case(&["NATS__URL=nats://me:secret@host"], "nats.url holds a user name or a password", "move them")]
#[case(&["NATS__USER=me"], "nats.user and nats.password", "set both or neither")]
#[case(&["NATS__USER=me", "NATS__PASSWORD=x", "NATS__CREDENTIALS_FILE=/c"], "nats.credentials_file", "keep one")]
#[case(&["NATS__REPLICAS=0"], "nats.replicas is 0", "1 to 5 copies")]
#[case(&["NATS__SHARDS=0"], "nats.shards is 0", "1 to 64 shards")]
#[case(&["NATS__START_PORT=0"], "nats.start_port is 0", "1 to 65535")]
#[case(&["NATS__LOG_RETENTION_HOURS=1", "NATS__DUPLICATE_WINDOW_SECONDS=7200"], "nats.duplicate_window_seconds", "keep the log longer")]
#[case(&["STORE__URL=postgres://db"], "store.url", "ws://host:8000")]
#[case(&["STORE__URL=surrealkv://"], "store.url", "a path")]
#[case(&["STORE__URL=ws://root:root@db:8000"], "store.url holds a user name", "move them")]
#[case(&["STORE__NAMESPACE=a b"], "store.namespace", "1 to 64")]
#[case(&["STORE__PASSWORD=x"], "store.username and store.password", "set both or neither")]
#[case(&["AUTH__SIGNING_KEY=short"], "auth.signing_key has 5 bytes", "openssl rand")]
#[case(&["AUTH__ACCESS_TOKEN_SECONDS=0"], "auth.access_token_seconds is 0", "1 to 86400 seconds")]
#[case(&["AUTH__REFRESH_TOKEN_SECONDS=60"], "auth.refresh_token_seconds is shorter", "make it longer")]
#[case(&["AUTH__ISSUER= "], "auth.issuer", "a name")]
#[case(&["SESSION__HEARTBEAT_SECONDS=30"], "session.idle_timeout_seconds is less than twice", "more often")]
#[case(&["SESSION__OUTBOX_FRAMES=1"], "session.outbox_frames is 1", "8 to 65536 frames")]
#[case(&["SESSION__OUTBOX_BYTES=2048"], "session.outbox_bytes is 2048 and cannot hold one frame", "lower limits.max_frame_bytes")]
#[case(&["SESSION__PRESENCE_GRACE_SECONDS=15"], "session.presence_grace_seconds", "shorten the grace")]
#[case(&["LIMITS__MAX_FRAME_BYTES=1000000"], "limits.max_frame_bytes is 1000000", "1024 to 983040 bytes")]
#[case(&["LIMITS__MAX_MESSAGE_CHARS=70000"], "limits.max_message_chars does not fit", "larger frames")]
#[case(&["LIMITS__SENDS_PER_SECOND=0"], "limits.sends_per_second is 0", "messages per second")]
#[case(&["LIMITS__REPLAY_MAX_ENTRIES=10"], "limits.replay_max_entries is less", "smaller batches")]
#[case(&["ASSIGNMENT__CAPACITY=0"], "assignment.capacity is 0", "1 to 1000 conversations")]
#[case(&["WORKER__CONCURRENCY=0"], "worker.concurrency is 0", "1 to 1024 commands")]
#[case(&["TELEMETRY__LOG= "], "telemetry.log", "off for no log")]
fn a_bad_value(#[case] settings: &[&str], #[case] problem: &str, #[case] remedy: &str) {
    let error = load(settings).expect_err("a bad value");
    let ConfigError::Invalid(invalid) = &error else { panic!("{error:?}") };
    assert_eq!(invalid.len(), 1, "{error}");
    let message = error.to_string();
    assert!(message.contains(problem) && message.contains(remedy), "{message}");
    assert!(!message.contains("secret@"), "{message}");
}

#[rstest]
#[case(&["NATS__URL=nats://a:4222, tls://b:4222"])]
#[case(&["STORE__URL=surrealkv:///var/lib/confab"])]
#[case(&["STORE__URL=mem://"])]
#[case(&["STORE__URL=ws://127.0.0.1:8000", "STORE__USERNAME=root", "STORE__PASSWORD=root"])]
#[case(&["SERVER__ALLOWED_ORIGINS=*"])]
#[case(&["SERVER__PUBLIC_URL=https://chat.example/support"])]
#[case(&["LIMITS__MAX_CONNECTIONS_PER_ADDRESS=0"])]
fn a_good_value(#[case] settings: &[&str]) {
    load(settings).expect("these are fine");
}

#[test]
fn all_problems_are_reported_together() {
    let error = load(&["NATS__SHARDS=0", "WORKER__MAX_DELIVER=0", "AUTH__SIGNING_KEY=x"])
        .expect_err("three bad values");
    let ConfigError::Invalid(invalid) = error else { panic!("{error:?}") };
    assert_eq!(invalid.len(), 3);
}

#[test]
fn a_separate_role_needs_what_it_shares_with_others() {
    let error = load(&[]).expect("the defaults").validate_for_separate_role().expect_err("nothing is shared");
    let ConfigError::Invalid(invalid) = &error else { panic!("{error:?}") };
    let fields: Vec<&str> = invalid
        .iter()
        .map(|one| match one {
            Invalid::Missing { field, .. } => field.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(fields, ["nats.url", "store.url", "auth.signing_key"]);
    assert!(error.to_string().contains("confab all"), "{error}");

    let key = format!("AUTH__SIGNING_KEY={}", "k".repeat(32));
    load(&["NATS__URL=nats://127.0.0.1:4222", "STORE__URL=ws://127.0.0.1:8000", &key])
        .expect("good values")
        .validate_for_separate_role()
        .expect("all that is needed");
}
