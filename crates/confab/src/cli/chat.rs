//! `confab chat`: arguments of the terminal client.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::ArgGroup;
use confab_protocol::{ConversationId, TenantId};
use secrecy::SecretString;

use crate::demo;
use crate::terminal::{self, Options, Script, Who};

/// Chat in the terminal.
///
/// Lines of standard input are messages, or commands that begin with a slash; /help lists them. What happens is
/// written to standard output, one line each. With --send, --expect or --wait nothing is read and the client ends by
/// itself: with 0 when everything was sent and seen, 3 when something expected did not come, 4 when a message was not
/// stored, 1 for anything else.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("who").required(true).args(["login", "anonymous"]))]
pub(super) struct Args {
    /// The hub, or several of its edges, the first one preferred.
    #[arg(long = "url", value_name = "URL", default_value = "http://127.0.0.1:8480")]
    urls: Vec<String>,
    /// The tenant.
    #[arg(long, default_value = demo::TENANT)]
    tenant: TenantId,
    /// Log in as this person: a customer or an agent.
    #[arg(long = "as", value_name = "LOGIN")]
    login: Option<String>,
    /// Start a conversation without an account, under this name.
    #[arg(long, value_name = "NAME")]
    anonymous: Option<String>,
    /// Password; asked for when left out. People of the demo need none.
    #[arg(long, env = "CONFAB_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// What a new conversation is about.
    #[arg(long, default_value = "OTHER")]
    issue_type: String,
    /// Team that should answer a new conversation.
    #[arg(long)]
    team: Option<String>,
    /// Go on with this conversation.
    #[arg(long, value_name = "ID")]
    conversation: Option<ConversationId>,
    /// As a customer: start a new conversation even though one is open.
    #[arg(long, conflicts_with = "conversation")]
    new: bool,
    /// Write frames as JSON, one per line.
    #[arg(long)]
    json: bool,
    /// Send this, several times for several messages, then end.
    #[arg(long, value_name = "TEXT")]
    send: Vec<String>,
    /// Wait until somebody writes a message with this in it, several times for several.
    #[arg(long, value_name = "TEXT")]
    expect: Vec<String>,
    /// How long to wait for what is expected, or to stay when nothing is; 30 seconds when only --expect is given.
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
}

pub(super) async fn run(args: Args) -> Result<ExitCode> {
    let who = match (args.login, args.anonymous) {
        (Some(login), _) => {
            let known = demo::password_of(args.tenant.as_str(), &login).map(str::to_owned);
            let password = match args.password.or(known) {
                Some(password) => SecretString::from(password),
                None => ask_password(&login)?,
            };
            Who::Login { login, password }
        }
        (None, Some(name)) => Who::Anonymous(name),
        (None, None) => bail!("say who you are with --as or --anonymous"),
    };
    let scripted = !args.send.is_empty() || !args.expect.is_empty() || args.wait.is_some();
    let script = scripted.then(|| Script {
        send: args.send,
        wait: args.wait.map(Duration::from_secs),
        expect: args.expect,
    });
    let options = Options {
        urls: args.urls,
        tenant: args.tenant,
        who,
        issue_type: args.issue_type,
        team: args.team,
        conversation: args.conversation,
        new: args.new,
        json: args.json,
        script,
    };
    terminal::run(options).await
}

fn ask_password(login: &str) -> Result<SecretString> {
    if !std::io::stdin().is_terminal() {
        bail!("the password of {login} is missing: set CONFAB_PASSWORD");
    }
    eprint!("Password of {login}: ");
    super::user::read_hidden_line().map(SecretString::from).context("the password can't be read")
}
