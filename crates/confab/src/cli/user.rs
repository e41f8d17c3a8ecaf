//! `confab user create`. The password comes from standard input or is asked for; it never stands in arguments.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use confab_protocol::{Role, TenantId, UserId};
use confab_store::NewUser;
use secrecy::{ExposeSecret as _, SecretString};

use super::place::Place;
use super::{admin, print};

/// Shortest password, in characters (NIST SP 800-63B, 3.1.1.2).
const MIN_PASSWORD_CHARS: usize = 8;

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Create a person who can log in; the password is read from standard input.
    Create(Create),
}

/// A person to create.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    #[command(flatten)]
    place: Place,
    /// The tenant.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    /// Name to log in with.
    #[arg(long)]
    login: String,
    /// Name to show.
    #[arg(long)]
    name: String,
    /// What they are to the tenant.
    #[arg(long, value_enum)]
    role: RoleName,
    /// Id; the login when left out, if that can be one.
    #[arg(long)]
    id: Option<UserId>,
    /// Conversations at a time; `assignment.capacity` when left out. For staff.
    #[arg(long)]
    capacity: Option<u32>,
    /// Issue type they answer, several times for several; none means all. For staff.
    #[arg(long = "skill", value_name = "ISSUE_TYPE")]
    skills: Vec<String>,
    /// Team they belong to, several times for several. For staff.
    #[arg(long = "team", value_name = "TEAM")]
    teams: Vec<String>,
    /// Where e-mail goes.
    #[arg(long)]
    email: Option<String>,
}

/// Roles as they stand on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RoleName {
    Customer,
    Agent,
    Supervisor,
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Customer => Self::Customer,
            RoleName::Agent => Self::Agent,
            RoleName::Supervisor => Self::Supervisor,
            RoleName::Admin => Self::Admin,
        }
    }
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    let Command::Create(create) = command;
    let config = create.place.load()?;
    let id = match create.id {
        Some(id) => id,
        None => create.login.parse().with_context(|| {
            format!("the login {:?} can't be the id as well: name one with --id", create.login)
        })?,
    };
    ensure!(!create.login.trim().is_empty(), "--login is empty");
    ensure!(!create.name.trim().is_empty(), "--name is empty");
    let password = tokio::task::spawn_blocking(read_password).await??;
    let password_hash =
        tokio::task::spawn_blocking(move || confab_auth::passwords::hash(&password)).await??;
    let open = admin::prepared_store(&config, create.place.data()).await?;
    let user = NewUser {
        id: id.clone(),
        login: create.login,
        name: create.name,
        role: create.role.into(),
        password_hash,
        capacity: create.capacity.unwrap_or(config.assignment.capacity),
        skills: create.skills,
        teams: create.teams,
        email: create.email,
    };
    open.store.tenant(&create.tenant).await?.create_user(user).await?;
    print(&format!("created {id} of the tenant {}", create.tenant));
    Ok(ExitCode::SUCCESS)
}

fn read_password() -> Result<SecretString> {
    if std::io::stdin().is_terminal() {
        eprint!("Password: ");
    }
    let line = read_hidden_line().context("the password can't be read from standard input")?;
    checked(SecretString::from(line))
}

/// A line of standard input, without its end; a terminal does not show it.
pub(super) fn read_hidden_line() -> std::io::Result<String> {
    let asking = std::io::stdin().is_terminal();
    if asking {
        set_echo(false);
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if asking {
        set_echo(true);
        eprintln!();
    }
    read?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn checked(password: SecretString) -> Result<SecretString> {
    let length = password.expose_secret().chars().count();
    if length < MIN_PASSWORD_CHARS {
        bail!(
            "the password has {length} characters, fewer than {MIN_PASSWORD_CHARS}: give a longer one on standard input"
        )
    }
    Ok(password)
}

/// Whether the terminal shows what is typed. Where it can't be told, it shows.
fn set_echo(on: bool) {
    let mode = if on { "echo" } else { "-echo" };
    drop(std::process::Command::new("stty").arg(mode).stdin(Stdio::inherit()).status());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_passwords_are_refused() {
        assert!(checked(SecretString::from("1234567")).is_err());
        assert!(checked(SecretString::from("pässwört")).is_ok());
    }
}
