//! The terminal client: a customer or an agent on standard input and output, for people and for scripts.

mod actions;
mod begin;
mod input;
mod screen;
mod script;
mod session;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_client::{ChatClient, ChatOptions, Credentials, HttpClient};
use confab_protocol::{ConversationId, Role, TenantId, UserId};
use secrecy::SecretString;

use input::Lines;
use screen::Screen;
use script::Progress;
use session::Session;

/// What the terminal client is asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// Edges, the preferred one first.
    pub(crate) urls: Vec<String>,
    /// The tenant.
    pub(crate) tenant: TenantId,
    /// Who speaks.
    pub(crate) who: Who,
    /// What a new conversation is about.
    pub(crate) issue_type: String,
    /// Team that should answer a new conversation.
    pub(crate) team: Option<String>,
    /// A conversation to go on with.
    pub(crate) conversation: Option<ConversationId>,
    /// Whether a customer starts anew although a conversation is open.
    pub(crate) new: bool,
    /// Whether frames are written as JSON.
    pub(crate) json: bool,
    /// What to do without reading lines.
    pub(crate) script: Option<Script>,
}

/// Who speaks.
#[derive(Debug)]
pub(crate) enum Who {
    /// Somebody with an account.
    Login {
        /// Name to log in with.
        login: String,
        /// Password.
        password: SecretString,
    },
    /// A customer without one.
    Anonymous(String),
}

/// What a script wants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// Messages to send, in order.
    pub(crate) send: Vec<String>,
    /// Texts that somebody else has to write.
    pub(crate) expect: Vec<String>,
    /// How long to wait.
    pub(crate) wait: Option<Duration>,
}

/// The person at the terminal, once the hub knows them.
#[derive(Debug, Clone)]
struct Me {
    id: UserId,
    name: String,
    role: Role,
    tenant: TenantId,
}

/// Runs until the person leaves or the script is done.
pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    let first = options.urls.first().context("--url is missing")?;
    let http = HttpClient::new(first)?;
    let mut lines = Lines::new(options.script.is_none());
    let screen = Screen::new(options.json);
    let mut progress = Progress::new(options.script.clone());
    let begun = begin::begin(&http, &options, &screen, &mut lines, &mut progress).await?;
    let Some(begun) = begun else { return Ok(ExitCode::SUCCESS) };
    let (client, events) = ChatClient::start(chat_options(&options.urls, begun.credentials.clone()))?;
    let session = Session::new(client, events, http, screen, lines, progress, begun);
    session.run().await
}

fn chat_options(urls: &[String], credentials: Credentials) -> ChatOptions {
    ChatOptions { urls: urls.to_vec(), window: 1, ..ChatOptions::new(String::new(), credentials) }
}
