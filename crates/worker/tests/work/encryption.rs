//! E-mail over encrypted connections, to a mail server in another language: both ways to encrypt, and certificates that are
//! not to be trusted.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use confab_config::{Mail as Settings, StartTls};
use confab_worker::{Mail, MailError, smtp_mailer};
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

/// The server, until the value is dropped.
struct Server {
    child: Child,
    says: BufReader<ChildStdout>,
    port: u64,
    home: TempDir,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        let home = TempDir::with_prefix("confab-mail-").expect("a directory");
        let python = std::env::var_os("CONFAB_PYTHON").unwrap_or_else(|| "python3".into());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/python/mail_server.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg("--authority")
            .arg(home.path().join("authority.pem"))
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let says = BufReader::new(child.stdout.take().expect("its output"));
        let mut server = Self { child, says, port: 0, home };
        server.port = server.line()["port"].as_u64().expect("a port");
        server
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("it says something");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the mail server says {line:?}"))
    }

    fn authority(&self) -> PathBuf {
        self.home.path().join("authority.pem")
    }

    fn settings(&self, scheme: &str) -> Settings {
        Settings {
            url: format!("{scheme}://localhost:{}", self.port),
            from: "support@hub.example".into(),
            tls_ca_file: Some(self.authority()),
            timeout_ms: 10_000,
            ..Settings::default()
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if self.child.wait().is_err() {
            eprintln!("the mail server was gone before");
        }
    }
}

async fn send(settings: &Settings) -> Result<(), MailError> {
    let mailer = smtp_mailer(settings)?.expect("there is a server");
    let mail = Mail {
        to: "mohan@example.org".into(),
        to_name: "Mohan".into(),
        from_name: "Support".into(),
        subject: "Ünread".into(),
        text: "Hello\n.\nthere".into(),
        html: "<p>Hello</p>".into(),
        id: "digest-1".into(),
        unsubscribe: "https://chat.example/unsubscribe/x".into(),
    };
    mailer.send(&mail).await
}

fn reason(sent: Result<(), MailError>) -> String {
    match sent {
        Err(MailError::Later(reason)) => reason,
        other => panic!("it was to be tried again later: {other:?}"),
    }
}

#[rstest]
#[case::by_command("starttls", "smtp")]
#[case::at_once("at-once", "smtps")]
#[tokio::test]
async fn e_mail_goes_encrypted_to_a_server_whose_authority_is_known(
    #[case] encryption: &str,
    #[case] scheme: &str,
) {
    let mut server = Server::start(&["--encryption", encryption, "--login"]);
    let settings = Settings {
        username: Some("hub".into()),
        password: Some("secret".to_owned().into()),
        ..server.settings(scheme)
    };
    send(&settings).await.expect("it is taken");
    let taken = server.line();
    assert_eq!((&taken["encrypted"], &taken["user"]), (&true.into(), &"hub".into()), "{taken}");
    let content = taken["content"].as_str().expect("a text");
    assert!(content.contains("Message-ID: <digest-1@hub.example>"), "{content}");
    assert!(content.contains("Hello\r\n.\r\nthere") || content.contains("Hello\n.\nthere"), "{content}");

    let wrong = Settings { password: Some("guessed".to_owned().into()), ..settings.clone() };
    assert!(reason(send(&wrong).await).contains("535"), "the server's word is told");
    // The other way to begin is not understood, within bounds, and nothing goes in the clear.
    let other = if scheme == "smtps" { "smtp" } else { "smtps" };
    let other = Settings { timeout_ms: 2000, ..Settings { url: server.settings(other).url, ..settings } };
    reason(send(&other).await);
}

#[rstest]
#[case::by_command("starttls", "smtp")]
#[case::at_once("at-once", "smtps")]
#[tokio::test]
async fn a_certificate_that_is_not_to_be_trusted_is_refused(#[case] encryption: &str, #[case] scheme: &str) {
    let server = Server::start(&["--encryption", encryption]);
    let unknown = Settings { tls_ca_file: None, ..server.settings(scheme) };
    let told = reason(send(&unknown).await);
    assert!(told.contains("UnknownIssuer") && told.contains("mail.tls_ca_file"), "{told}");
    // The same server under a name that its certificate does not have.
    let url = format!("{scheme}://127.0.0.1:{}", server.port);
    let told = reason(send(&Settings { url, ..server.settings(scheme) }).await);
    assert!(told.contains("127.0.0.1") && told.contains("mail.url"), "{told}");

    let expired = Server::start(&["--encryption", encryption, "--expired"]);
    let told = reason(send(&expired.settings(scheme)).await);
    assert!(told.to_lowercase().contains("expired"), "{told}");
}

#[tokio::test]
async fn without_encryption_nothing_is_sent_unless_it_is_wanted() {
    let mut server = Server::start(&["--encryption", "never"]);
    let settings = server.settings("smtp");
    assert!(reason(send(&settings).await).contains("mail.starttls"));
    send(&Settings { starttls: StartTls::Never, ..settings.clone() }).await.expect("it is taken");
    assert_eq!(server.line()["encrypted"], false);

    let nowhere = Settings { tls_ca_file: Some("no/such/file.pem".into()), ..settings.clone() };
    assert!(reason(send(&nowhere).await).contains("no/such/file.pem"));
    let empty = server.home.path().join("empty.pem");
    std::fs::write(&empty, "nothing").expect("written");
    let empty = Settings { tls_ca_file: Some(empty), ..settings };
    assert!(reason(send(&empty).await).contains("empty.pem"));
}
