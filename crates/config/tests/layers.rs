//! Files and environment variables over the defaults, and what is said of bad ones.

use std::path::PathBuf;

use confab_config::{AssignmentPolicy, Config, ConfigError, LogFormat};
use rstest::rstest;
use tempfile::TempDir;

/// A directory with a configuration file in it.
fn file(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("confab.toml");
    std::fs::write(&path, text).expect("the file is written");
    (directory, path)
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(text: &str, pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let (_directory, path) = file(text);
    Config::load_with(Some(&path), variables(pairs))
}

#[test]
fn the_defaults_are_valid() {
    let config = Config::load_with(None, []).expect("the defaults");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8480");
    assert_eq!(config.nats.shards, 4);
    assert_eq!(config.session.outbox_bytes, 1_048_576);
    assert_eq!(config.assignment.policy, AssignmentPolicy::LeastBusy);
}

#[test]
fn a_variable_wins_over_the_file_and_the_file_over_the_defaults() {
    let text =
        "[server]\nlisten = \"0.0.0.0:80\"\ndrain_seconds = 3\n[assignment]\npolicy = \"round_robin\"\n";
    let config = load(text, &[("CONFAB_SERVER__LISTEN", "[::1]:9000"), ("CONFAB_TELEMETRY__FORMAT", "json")])
        .expect("both layers are good");
    assert_eq!(config.server.listen.to_string(), "[::1]:9000");
    assert_eq!(config.server.drain_seconds, 3);
    assert_eq!(config.server.request_timeout_ms, 10_000);
    assert_eq!(config.assignment.policy, AssignmentPolicy::RoundRobin);
    assert_eq!(config.telemetry.format, LogFormat::Json);
}

#[test]
fn variables_take_the_type_of_their_field() {
    use secrecy::ExposeSecret;
    let config = Config::load_with(
        None,
        variables(&[
            ("CONFAB_NATS__USER", "007"),
            ("CONFAB_NATS__PASSWORD", "0123"),
            ("CONFAB_NATS__START_PORT", "4333"),
            ("CONFAB_SERVER__ALLOWED_ORIGINS", "https://a.example, https://b.example"),
            ("CONFAB_LIMITS__MAX_FRAME_BYTES", "32768"),
            ("CONFAB_EVENTS__ALLOW_PRIVATE_ADDRESSES", "true"),
        ]),
    )
    .expect("all fit");
    assert!(config.events.allow_private_addresses);
    assert_eq!(config.nats.user.as_deref(), Some("007"));
    assert_eq!(config.nats.password.as_ref().map(ExposeSecret::expose_secret), Some("0123"));
    assert_eq!(config.nats.start_port, Some(4333));
    assert_eq!(config.server.allowed_origins, ["https://a.example", "https://b.example"]);
    assert_eq!(config.limits.max_frame_bytes, 32_768);
}

#[test]
fn empty_variables_and_those_of_others_are_left_alone() {
    let pairs = [("CONFAB_NATS__USER", ""), ("CONFAB_EDGE_SERVICE_PORT", "tcp://10.0.0.1:80"), ("HOME", "/")];
    let config = Config::load_with(None, variables(&pairs)).expect("nothing is set");
    assert_eq!(config.nats.user, None);
}

#[test]
fn a_variable_names_the_file_unless_an_argument_does() {
    let (_first, named) = file("[nats]\nshards = 2\n");
    let (_second, argument) = file("[nats]\nshards = 3\n");
    let environment = variables(&[("CONFAB_CONFIG", &named.display().to_string())]);
    let shards = |path| Config::load_with(path, environment.clone()).expect("a good file").nats.shards;
    assert_eq!(shards(None), 2);
    assert_eq!(shards(Some(argument.as_path())), 3);
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let error = Config::load_with(Some("/nowhere/confab.toml".as_ref()), []).expect_err("no such file");
    assert!(matches!(error, ConfigError::Unreadable { .. }));
    let message = error.to_string();
    assert!(message.contains("/nowhere/confab.toml") && message.contains("--config"), "{message}");
}

#[rstest]
#[case::no_toml("[server\n", &["confab.toml", "not valid TOML", "line 1"])]
#[case::unknown_section("[sever]\n", &["confab.toml", "`sever`", "server, nats"])]
#[case::unknown_field("[server]\nlisen = 1\n", &["`server.lisen`", "listen, public_url"])]
#[case::text_for_a_number("[server]\ndrain_seconds = \"long\"\n", &["`server.drain_seconds`", "whole number", "\"long\""])]
#[case::negative("[server]\ndrain_seconds = -1\n", &["`server.drain_seconds`", "not negative", "-1"])]
#[case::too_large_for_its_type("[nats]\nshards = 70000\n", &["`nats.shards`", "65535", "70000"])]
#[case::no_address("[server]\nlisten = \"localhost\"\n", &["`server.listen`", "socket address"])]
#[case::one_for_a_list("[server]\nallowed_origins = \"*\"\n", &["`server.allowed_origins`", "list of texts"])]
#[case::unknown_policy("[assignment]\npolicy = \"random\"\n", &["`assignment.policy`", "least_busy, manual", "random"])]
fn a_layer_of_the_wrong_form(#[case] text: &str, #[case] parts: &[&str]) {
    let error = load(text, &[]).expect_err("a bad file");
    assert!(matches!(error, ConfigError::Layers(_)), "{error:?}");
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is missing in: {message}");
    }
}

#[rstest]
#[case(
    "CONFAB_SERVER__LISEN",
    "x",
    "environment variable CONFAB_SERVER__LISEN: there is no setting `server.lisen`"
)]
#[case(
    "CONFAB_LIMITS__SENDS_BURST",
    "many",
    "environment variable CONFAB_LIMITS__SENDS_BURST: `limits.sends_burst` must be"
)]
fn a_bad_variable_is_named(#[case] name: &str, #[case] value: &str, #[case] part: &str) {
    let message = load("", &[(name, value)]).expect_err("a bad variable").to_string();
    assert!(message.contains(part), "{message}");
}

#[test]
fn a_secret_of_the_wrong_type_is_not_repeated() {
    let message = load("[auth]\nsigning_key = 4711\n", &[]).expect_err("a number is no key").to_string();
    assert!(message.contains("`auth.signing_key` must be a text") && !message.contains("4711"), "{message}");
}

#[test]
fn debug_output_holds_no_secret() {
    let key = "k".repeat(40);
    let config = load(
        "[nats]\nuser = \"hub\"\npassword = \"bus-secret\"\n[store]\nusername = \"root\"\npassword = \"db-secret\"\n",
        &[("CONFAB_AUTH__SIGNING_KEY", &key)],
    )
    .expect("all fit");
    let text = format!("{config:?}");
    assert!(!text.contains("bus-secret") && !text.contains("db-secret") && !text.contains(&key), "{text}");
    assert!(text.contains("hub"), "{text}");
}
