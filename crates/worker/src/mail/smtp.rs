//! Sends e-mail by SMTP (RFC 5321): one connection for each, encrypted unless the operator says otherwise.

mod dialogue;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use confab_config::{Mail as Settings, StartTls};
use futures::future::BoxFuture;
use mail_builder::MessageBuilder;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::url::URL;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, Error as TlsError, RootCertStore};

use super::mailer::{Mail, MailError, Mailer};
use dialogue::Dialogue;

/// Ports where none is named: submission (RFC 6409), and submission over TLS (RFC 8314).
const SUBMISSION: u16 = 587;
const SUBMISSIONS: u16 = 465;

/// A server that takes e-mail.
#[derive(Debug)]
pub(crate) struct SmtpMailer {
    host: String,
    port: u16,
    encryption: Encryption,
    login: Option<(String, SecretString)>,
    from: String,
    limit: Duration,
}

/// When a connection is encrypted.
#[derive(Clone)]
enum Encryption {
    AtOnce(TlsConnector),
    ByCommand(TlsConnector),
    Never,
}

impl std::fmt::Debug for Encryption {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::AtOnce(_) => "AtOnce",
            Self::ByCommand(_) => "ByCommand",
            Self::Never => "Never",
        })
    }
}

impl SmtpMailer {
    /// The server of the configuration; `None` when there is none. The configuration has been checked.
    pub(crate) fn new(settings: &Settings) -> Result<Option<Self>, MailError> {
        let Some((scheme, place)) = settings.url.split_once("://") else { return Ok(None) };
        let place = place.split('/').next().unwrap_or_default();
        let usual = if scheme == "smtps" { SUBMISSIONS } else { SUBMISSION };
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().unwrap_or(usual)),
            _ => (place, usual),
        };
        let encryption = match (scheme, settings.starttls) {
            ("smtps", _) => Encryption::AtOnce(connector(settings.tls_ca_file.as_deref())?),
            (_, StartTls::Required) => Encryption::ByCommand(connector(settings.tls_ca_file.as_deref())?),
            (_, StartTls::Never) => Encryption::Never,
        };
        Ok(Some(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            encryption,
            login: settings.username.clone().zip(settings.password.clone()),
            from: settings.from.clone(),
            limit: Duration::from_millis(settings.timeout_ms),
        }))
    }

    async fn deliver(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(MailError::later)?;
        match &self.encryption {
            Encryption::Never => self.talk(Dialogue::begin(stream).await?, mail, &message).await,
            Encryption::AtOnce(tls) => {
                let stream = self.encrypted(tls, stream).await?;
                self.talk(Dialogue::begin(stream).await?, mail, &message).await
            }
            Encryption::ByCommand(tls) => {
                let mut dialogue = Dialogue::begin(stream).await?;
                dialogue.greet(self.domain()).await?;
                if !dialogue.offers("STARTTLS") {
                    return Err(MailError::later("the server offers no encryption; see mail.starttls"));
                }
                dialogue.command("STARTTLS").await?;
                let stream = self.encrypted(tls, dialogue.into_stream()?).await?;
                self.talk(Dialogue::go_on(stream), mail, &message).await
            }
        }
    }

    async fn encrypted(
        &self,
        tls: &TlsConnector,
        stream: TcpStream,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, MailError> {
        let name = ServerName::try_from(self.host.clone()).map_err(MailError::later)?;
        tls.connect(name, stream).await.map_err(|error| match certificate_fault(&error) {
            Some(fault) => MailError::later(format!(
                "the certificate of the mail server {} is not to be trusted: {fault}; name the server in mail.url as its \
                 certificate does, and its authority in mail.tls_ca_file where the system doesn't know it",
                self.host
            )),
            None => MailError::later(format!("no encrypted connection to the mail server: {error}")),
        })
    }

    async fn talk<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
        &self,
        mut dialogue: Dialogue<S>,
        mail: &Mail,
        message: &[u8],
    ) -> Result<(), MailError> {
        dialogue.greet(self.domain()).await?;
        if let Some((user, password)) = &self.login {
            dialogue.log_in(user, password.expose_secret()).await?;
        }
        dialogue.send(&self.from, &mail.to, message).await?;
        // It was taken; whether the server hears the farewell matters to nobody.
        drop(timeout(Duration::from_secs(1), dialogue.command("QUIT")).await);
        Ok(())
    }

    /// The domain of the sender: what the hub calls itself.
    fn domain(&self) -> &str {
        self.from.rsplit('@').next().unwrap_or("localhost")
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let delivered = timeout(self.limit, self.deliver(mail)).await;
            delivered.unwrap_or_else(|_| Err(MailError::later("the server took too long")))
        })
    }
}

/// What is wrong with the server's certificate, where that is what it is.
fn certificate_fault(error: &std::io::Error) -> Option<String> {
    match error.get_ref()?.downcast_ref::<TlsError>()? {
        TlsError::InvalidCertificate(fault) => Some(fault.to_string()),
        _ => None,
    }
}

/// Encrypts with the certificates that the system trusts, and those of the file.
fn connector(authorities: Option<&Path>) -> Result<TlsConnector, MailError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = authorities {
        let unreadable = |cause: &dyn std::fmt::Display| {
            let file = file.display();
            MailError::later(format!("mail.tls_ca_file {file} has no certificates that can be read: {cause}"))
        };
        let found = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?;
        let found = found.collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(&error))?;
        if roots.add_parsable_certificates(found).0 == 0 {
            return Err(unreadable(&"there are none in it"));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(MailError::later)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The e-mail as it goes over the wire: plain text and HTML, with what RFC 8058 asks for.
fn message(from: &str, mail: &Mail) -> Result<Vec<u8>, MailError> {
    let domain = from.rsplit('@').next().unwrap_or("localhost");
    MessageBuilder::new()
        .from((one_line(&mail.from_name), from.to_owned()))
        .to((one_line(&mail.to_name), mail.to.clone()))
        .subject(one_line(&mail.subject))
        .message_id(format!("{}@{domain}", mail.id))
        .header("List-Unsubscribe", URL::new(mail.unsubscribe.clone()))
        .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .text_body(mail.text.clone())
        .html_body(mail.html.clone())
        .write_to_vec()
        .map_err(MailError::later)
}

/// What people wrote never becomes a header of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            to: "mohan@example.org".into(),
            to_name: "Mohan\r\nBcc: eve@example.org".into(),
            from_name: "Support".into(),
            subject: "Ärger\nX-Evil: 1".into(),
            text: "Hello".into(),
            html: "<p>Hello</p>".into(),
            id: "digest-1".into(),
            unsubscribe: "https://chat.example/unsubscribe/x".into(),
        }
    }

    #[test]
    fn nothing_that_was_written_becomes_a_header() {
        let bytes = message("support@example.org", &mail()).expect("a message");
        let text = String::from_utf8(bytes).expect("ASCII");
        let head = text.split("\r\n\r\n").next().expect("a head");
        assert!(!head.lines().any(|line| line.starts_with("Bcc") || line.starts_with("X-Evil")), "{head}");
        assert!(head.contains("List-Unsubscribe: <https://chat.example/unsubscribe/x>"), "{head}");
        assert!(head.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{head}");
        assert!(head.contains("<digest-1@example.org>") && text.contains("multipart/alternative"), "{text}");
        assert!(text.contains("text/plain") && text.contains("text/html"), "{text}");
    }

    #[test]
    fn the_server_is_read_from_its_url() {
        let at = |url: &str| {
            let settings = Settings { url: url.into(), from: "a@b.example".into(), ..Settings::default() };
            SmtpMailer::new(&settings).expect("it can be used")
        };
        assert!(at("").is_none());
        let plain = at("smtp://mail.example.org").expect("a server");
        assert_eq!((plain.host.as_str(), plain.port, plain.domain()), ("mail.example.org", 587, "b.example"));
        assert!(matches!(plain.encryption, Encryption::ByCommand(_)));
        let encrypted = at("smtps://[::1]:2465").expect("a server");
        assert_eq!((encrypted.host.as_str(), encrypted.port), ("::1", 2465));
        assert!(matches!(encrypted.encryption, Encryption::AtOnce(_)));
        assert_eq!(at("smtps://mail.example.org/").expect("a server").port, 465);
    }

    #[tokio::test]
    async fn nothing_is_sent_in_the_clear_unless_it_is_wanted() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("an address"));
        let settings = Settings { url, from: "a@b.example".into(), ..Settings::default() };
        let mailer = SmtpMailer::new(&settings).expect("it can be used").expect("a server");
        let serving = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            stream.write_all(b"220 mail.test\r\n").await.expect("sent");
            let mut heard = [0; 512];
            let length = stream.read(&mut heard).await.expect("a command");
            stream.write_all(b"250-mail.test\r\n250 AUTH PLAIN\r\n").await.expect("sent");
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.expect("the end");
            (String::from_utf8_lossy(&heard[..length]).into_owned(), rest)
        };
        let mail = mail();
        let (sent, (heard, rest)) = tokio::join!(mailer.send(&mail), serving);
        assert!(matches!(sent, Err(MailError::Later(_))), "{sent:?}");
        assert_eq!((heard.as_str(), rest.len()), ("EHLO b.example\r\n", 0));
    }
}
