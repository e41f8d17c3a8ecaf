//! `confab nats-accounts`: the server's accounts with least privilege, from what the hub's parts do.

use std::process::ExitCode;

use confab_protocol::TenantId;

use super::print;

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Shards of the log, as `nats.shards`; more than there are do no harm.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=64))]
    shards: u16,
    /// A user `events-<tenant>` too, who may follow this tenant's events; can be repeated.
    #[arg(long = "reader", value_name = "TENANT")]
    readers: Vec<TenantId>,
}

pub(super) fn run(args: &Args) -> ExitCode {
    print(confab_bus::accounts(args.shards, &args.readers).trim_end());
    ExitCode::SUCCESS
}
