//! The command line: one file per command.

mod admin;
mod all;
mod articles;
mod backup;
mod canned;
mod chat;
mod config;
mod customer;
mod dead_letters;
mod demo_data;
mod doctor;
mod edge;
mod migrate;
mod nats_accounts;
mod openapi;
mod place;
mod shards;
mod tenant;
mod transcript;
mod user;
mod worker;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// A hub for live customer support.
///
/// Settings come from a TOML file (--config, or `CONFAB_CONFIG`) and from variables `CONFAB_SECTION__FIELD`;
/// `confab config schema` lists all of them.
#[derive(Debug, Parser)]
#[command(name = "confab", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run everything in one process, with a database and a nats-server of its own.
    All(all::Args),
    /// Run one edge: WebSocket, server-sent events, HTTP API.
    Edge(edge::Args),
    /// Run one worker: commands, assignment, timers, the projector.
    Worker(worker::Args),
    /// Bring streams and schema up to date.
    Migrate(migrate::Args),
    /// Show the shards of the log, or give it more while it is in use.
    #[command(subcommand)]
    Shards(shards::Command),
    /// Create the demo tenant and its people.
    DemoData(demo_data::Args),
    /// Create tenants.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Create people.
    #[command(subcommand)]
    User(user::Command),
    /// Export or erase what is known of a customer, or find where a text still stands.
    #[command(subcommand)]
    Customer(customer::Command),
    /// Print a conversation.
    Transcript(transcript::Args),
    /// Import canned messages.
    #[command(subcommand)]
    Canned(canned::Command),
    /// Import the knowledge base.
    #[command(subcommand)]
    Articles(articles::Command),
    /// Chat in the terminal, as a customer or as an agent.
    Chat(chat::Args),
    /// Save databases, streams and attached files into a directory.
    Backup(backup::SaveArgs),
    /// Restore a backup into an empty system.
    Restore(backup::LoadArgs),
    /// Find the usual mistakes and say what to do.
    Doctor(doctor::Args),
    /// List, replay and drop commands that could not be carried out.
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    /// Check, explain and show the configuration.
    #[command(subcommand)]
    Config(config::Command),
    /// Print the NATS server's accounts: users for edges, workers and operators, and what each may do.
    NatsAccounts(nats_accounts::Args),
    /// Print the OpenAPI document of the HTTP API.
    Openapi,
}

impl Cli {
    /// Does what was asked for.
    pub(crate) async fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::All(args) => all::run(args).await,
            Command::Edge(args) => edge::run(args).await,
            Command::Worker(args) => worker::run(args).await,
            Command::Migrate(args) => migrate::run(args).await,
            Command::Shards(command) => shards::run(command).await,
            Command::DemoData(args) => demo_data::run(args).await,
            Command::Tenant(command) => tenant::run(command).await,
            Command::User(command) => user::run(command).await,
            Command::Customer(command) => customer::run(command).await,
            Command::Transcript(args) => transcript::run(args).await,
            Command::Canned(command) => canned::run(command).await,
            Command::Articles(command) => articles::run(command).await,
            Command::Chat(args) => chat::run(args).await,
            Command::Backup(args) => backup::save(args).await,
            Command::Restore(args) => backup::load(args).await,
            Command::Doctor(args) => doctor::run(args).await,
            Command::DeadLetters(command) => dead_letters::run(command).await,
            Command::Config(command) => config::run(command),
            Command::NatsAccounts(args) => Ok(nats_accounts::run(&args)),
            Command::Openapi => Ok(openapi::run()),
        }
    }
}

/// Writes a line for people or programs; that nobody reads it is no failure.
fn print(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn examples_of_the_documents_are_understood() {
        for line in [
            "confab all --demo --data d --listen 127.0.0.1:0",
            "confab all --demo --lively",
            "confab edge --config confab.toml",
            "confab worker --metrics-listen 127.0.0.1:9100",
            "confab migrate --create-tenant acme",
            "confab chat --as sam",
            "confab chat --url http://127.0.0.1:8480 --tenant demo --as mohan --send hi --expect hello --wait 5",
            "confab chat --anonymous Guest --issue-type PAYMENT --json",
            "confab user create --tenant acme --login asha --name Asha --role agent --skill PAYMENT --team billing",
            "confab tenant create --id acme --name Acme",
            "confab dead-letters replay 4 5",
            "confab customer export --tenant acme --id mohan",
            "confab customer erase --tenant acme --id mohan --yes",
            "confab customer find --tenant acme --text mohan",
            "confab transcript --tenant acme --conversation c-1 --format html --notes",
            "confab migrate --dry-run",
            "confab nats-accounts --shards 16 --reader acme",
            "confab shards show",
            "confab shards raise 16 --dry-run",
            "confab backup --while-running /var/backups/confab",
            "confab restore /var/backups/confab",
            "confab doctor",
            "confab config check",
            "confab openapi",
        ] {
            if let Err(error) = Cli::try_parse_from(line.split(' ')) {
                panic!("{line}: {error}");
            }
        }
    }
}
