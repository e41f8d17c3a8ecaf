//! `confab all`: NATS, database, worker and edge of one machine in one process.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use confab_bus::Bus;
use confab_config::Config;
use confab_domain::Clock;
use confab_edge::{Edge, EdgeDeps, EdgeHandle};
use confab_worker::{Extensions, Worker, WorkerDeps, WorkerHandle};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Process, sessions_limit, work_limit};
use crate::banner::Banner;
use crate::data_dir::DataDir;
use crate::nats_process::{NatsProcess, USER};
use crate::{demo, lively, wiring};

/// Time for the embedded database to close.
const STORE_CLOSES: Duration = Duration::from_millis(200);

/// What `confab all` is asked for.
#[derive(Debug, Clone)]
pub(crate) struct AllOptions {
    /// The data directory.
    pub(crate) data: PathBuf,
    /// Whether to create demo data.
    pub(crate) demo: bool,
    /// Whether to do so where others can reach it.
    pub(crate) demo_anyway: bool,
    /// Whether simulated customers come.
    pub(crate) lively: bool,
}

/// The parts that run.
struct Parts {
    bus: Bus,
    edge: EdgeHandle,
    worker: WorkerHandle,
    address: SocketAddr,
}

/// Runs until it is asked to end.
pub(crate) async fn run(mut config: Config, options: AllOptions) -> Result<ExitCode> {
    check_demo(&config, &options)?;
    let data = DataDir::create(&options.data)?;
    let _lock = data.lock()?;
    let process = Process::begin(&config)?;
    if config.auth.signing_key.is_none() {
        config.auth.signing_key = Some(data.signing_key()?);
    }
    if config.store.url.is_empty() {
        config.store.url = data.store_url();
    }
    if config.attachments.url.is_empty() {
        config.attachments.url = data.file("attachments").display().to_string();
    }
    let Some(nats) = process.shutdown.unless_requested(start_nats(&mut config, &data)).await else {
        return Ok(ExitCode::SUCCESS);
    };
    let nats = nats?;
    let parts = match process.shutdown.unless_requested(start(&config, &process, &options)).await {
        Some(Ok(parts)) => parts,
        Some(Err(error)) => {
            stop_nats(nats).await;
            return Err(error);
        }
        None => {
            stop_nats(nats).await;
            return Ok(ExitCode::SUCCESS);
        }
    };
    tell(&config, &data, &options, parts.address);
    let (customers, leave) = (TaskTracker::new(), CancellationToken::new());
    if options.lively {
        lively::play(&config.server.url_at(parts.address), &customers, &leave)?;
    }
    process.shutdown.requested().await;
    let (sessions, work) = (sessions_limit(&config), work_limit(&config));
    let ending = async {
        leave.cancel();
        customers.close();
        customers.wait().await;
        parts.edge.drain(sessions).await;
        parts.worker.drain(work).await;
        parts.bus.drain().await;
        stop_nats(nats).await;
        // The database closes its files in the background once nobody has it open.
        tokio::time::sleep(STORE_CLOSES).await;
    };
    Ok(process.end(&config, ending).await)
}

/// Demo passwords are known to everybody: not where others can reach them.
fn check_demo(config: &Config, options: &AllOptions) -> Result<()> {
    let listen = config.server.listen;
    if options.demo && !options.demo_anyway && !listen.ip().is_loopback() {
        bail!(
            "demo data has passwords that everybody knows, and {listen} can be reached from other machines: \
             listen on 127.0.0.1, leave --demo out, or add --demo-anyway if that is what you want"
        );
    }
    Ok(())
}

/// Starts a server unless one is configured, and points the configuration at it.
async fn start_nats(config: &mut Config, data: &DataDir) -> Result<Option<NatsProcess>> {
    if !config.nats.url.is_empty() {
        return Ok(None);
    }
    let nats = NatsProcess::start(data, config.nats.server_binary.clone(), config.nats.start_port).await?;
    config.nats.url = nats.url();
    config.nats.user = Some(USER.to_owned());
    config.nats.password = Some(nats.password().clone());
    config.nats.credentials_file = None;
    Ok(Some(nats))
}

async fn stop_nats(nats: Option<NatsProcess>) {
    if let Some(nats) = nats {
        nats.stop().await;
    }
}

async fn start(config: &Config, process: &Process, options: &AllOptions) -> Result<Parts> {
    let node = wiring::node_name(config, "all");
    let clock = Clock::system();
    let (bus, store) = tokio::try_join!(wiring::connect_bus(config, &node), wiring::open_store(config))?;
    wiring::prepare_bus(&bus).await?;
    store.migrate().await.context("the schema can't be brought up to date")?;
    if options.demo {
        demo::create(&store, config).await.context("the demo data can't be created")?;
    }
    let shared = Arc::new(config.clone());
    let attachments = wiring::attachments(config)?;
    let edge = Edge::bind(EdgeDeps {
        config: Arc::clone(&shared),
        bus: bus.clone(),
        store: store.clone(),
        attachments: attachments.clone(),
        tokens: wiring::tokens(config)?,
        clock: clock.clone(),
        node: node.clone(),
        metrics: process.metrics.clone(),
    })
    .await?;
    let address = edge.local_addr();
    let worker = Worker::spawn(WorkerDeps {
        config: shared,
        bus: bus.clone(),
        store,
        attachments,
        clock: clock.clone(),
        tokens: Arc::new(wiring::tokens(config)?),
        extensions: Extensions::default(),
        node,
    });
    let edge = edge.spawn();
    if options.demo {
        demo::put_online(&bus, &clock).await.context("the demo agents can't be put online")?;
    }
    Ok(Parts { bus, edge, worker, address })
}

fn tell(config: &Config, data: &DataDir, options: &AllOptions, address: SocketAddr) {
    let banner = Banner {
        local_url: config.server.url_at(address),
        public_url: config.server.public_url.clone(),
        data: data.path().display().to_string(),
        nats: config.nats.url.clone(),
        demo: options.demo,
    };
    let mut out = std::io::stdout().lock();
    // Nobody may be reading: that is no reason to stop.
    drop(out.write_all(banner.text().as_bytes()).and_then(|()| out.flush()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(demo: bool, demo_anyway: bool) -> AllOptions {
        AllOptions { data: PathBuf::new(), demo, demo_anyway, lively: false }
    }

    #[test]
    fn demo_data_stays_on_this_machine() {
        let mut config = Config::default();
        assert!(check_demo(&config, &options(true, false)).is_ok());
        config.server.listen = ([0, 0, 0, 0], 8480).into();
        let error = check_demo(&config, &options(true, false)).expect_err("others can reach it");
        assert!(error.to_string().contains("--demo-anyway"), "{error}");
        assert!(check_demo(&config, &options(true, true)).is_ok());
        assert!(check_demo(&config, &options(false, false)).is_ok());
    }
}
