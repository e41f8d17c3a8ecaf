//! Section `mail`: the server that takes e-mail from the hub. To whom it is sent is a tenant's own setting.

use std::path::PathBuf;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::check::Checks;

/// Whether a connection that begins in the clear is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StartTls {
    /// Always; a server that does not offer it is not used.
    Required,
    /// Never: for a server on the same machine.
    Never,
}

/// E-mail.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Server that takes e-mail, as `smtp://mail.example.org:587`, or `smtps://` where connections begin encrypted; empty: none is sent.
    pub url: String,
    /// Whether `smtp://` connections are encrypted: `required` or `never`.
    pub starttls: StartTls,
    /// Certificates of authorities to trust beside the system's, as a PEM file.
    pub tls_ca_file: Option<PathBuf>,
    /// User name at the server, together with `password`.
    pub username: Option<String>,
    /// Password of `username`.
    #[schemars(with = "Option<String>")]
    pub password: Option<SecretString>,
    /// Address that e-mail comes from, as `support@example.org`.
    pub from: String,
    /// How long sending one e-mail may take, in milliseconds.
    pub timeout_ms: u64,
    /// E-mails that one worker sends at a time.
    pub concurrency: usize,
    /// Attempts at an e-mail before it is given up.
    pub attempts: u32,
    /// Wait before the second attempt, in milliseconds; it doubles with each further one, up to an hour.
    pub first_retry_ms: u64,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            url: String::new(),
            starttls: StartTls::Required,
            tls_ca_file: None,
            username: None,
            password: None,
            from: String::new(),
            timeout_ms: 30_000,
            concurrency: 4,
            attempts: 10,
            first_retry_ms: 30_000,
        }
    }
}

impl Mail {
    /// Whether there is a server.
    pub fn is_set(&self) -> bool {
        !self.url.is_empty()
    }

    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("mail");
        if self.is_set() {
            let expected = "a server such as smtp://mail.example.org:587, or leave it empty";
            checks.url("url", &self.url, &["smtp", "smtps"], expected);
        }
        if self.is_set() || !self.from.is_empty() {
            let fits =
                self.from.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
                    && self.from.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,;\"()".contains(&byte));
            checks.form(
                "from",
                &self.from,
                fits,
                "the address that e-mail comes from, such as support@example.org",
            );
        }
        checks.agree(
            "username",
            self.username.is_some() == self.password.is_some(),
            "and mail.password go together, but only one of them is set",
            "set both or neither",
        );
        checks.range("timeout_ms", self.timeout_ms, &(100..=600_000), "milliseconds");
        checks.range("concurrency", self.concurrency, &(1..=256), "e-mails");
        checks.range("attempts", self.attempts, &(1..=100), "attempts");
        checks.range("first_retry_ms", self.first_retry_ms, &(10..=3_600_000), "milliseconds");
        checks.finish()
    }
}
