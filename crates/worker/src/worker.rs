//! Starts a worker's tasks and brings them to an end.

use std::sync::Arc;
use std::time::Duration;

use confab_attachments::AttachmentStore;
use confab_auth::Tokens;
use confab_bus::{Bus, BusError, ErrandKind, EventStream};
use confab_config::Config;
use confab_domain::Clock;
use confab_store::Store;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::automation::Automations;
use crate::context::Context;
use crate::extensions::Extensions;
use crate::lanes::Lanes;
use crate::retry::until_done;
use crate::snapshots::{self, Snapshots};
use crate::{
    erasures, errands, housekeeping, intake, listener, mail, presence, receipts, retention, shards, timers,
    webhooks,
};

/// How long tasks may take to hand back what they held, once they were told to.
const HAND_BACK: Duration = Duration::from_secs(1);

/// What a worker works with.
#[derive(Debug, Clone)]
pub struct WorkerDeps {
    /// Configuration.
    pub config: Arc<Config>,
    /// The bus, its streams in place.
    pub bus: Bus,
    /// The database, migrated.
    pub store: Store,
    /// Where files are kept, if anywhere.
    pub attachments: Option<Arc<dyn AttachmentStore>>,
    /// The time.
    pub clock: Clock,
    /// Seals links in e-mail; of the same key as the edges'.
    pub tokens: Arc<Tokens>,
    /// Parts of the embedder's own.
    pub extensions: Extensions,
    /// This node's id, for logs.
    pub node: String,
}

/// A worker: see [`Worker::spawn`].
#[derive(Debug)]
pub struct Worker;

/// A running worker. Dropped without [`WorkerHandle::drain`] it stops at once, and others take up what it held.
#[derive(Debug)]
pub struct WorkerHandle {
    context: Arc<Context>,
    tasks: TaskTracker,
    node: String,
}

impl Worker {
    /// Starts all tasks of a worker. They outlive any failure of bus and database.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn spawn(deps: WorkerDeps) -> WorkerHandle {
        let WorkerDeps { config, bus, store, attachments, clock, tokens, extensions, node } = deps;
        let mailer = mail::mailer(&config, extensions.mailer.clone());
        let outward = outward(&config);
        let context = Arc::new(Context {
            config,
            bus,
            store,
            attachments,
            clock,
            extensions,
            tokens,
            mailer,
            outward,
            automations: Automations::default(),
            lanes: Lanes::default(),
            snapshots: Snapshots::default(),
            node: node.clone(),
            deliveries: Notify::new(),
            stop: CancellationToken::new(),
            abandon: CancellationToken::new(),
        });
        let tasks = TaskTracker::new();
        tasks.spawn(intake::run(Arc::clone(&context), tasks.clone()));
        tasks.spawn(shards::run(Arc::clone(&context), tasks.clone()));
        if context.config.events.webhooks {
            tasks.spawn(webhooks::run(Arc::clone(&context), tasks.clone()));
        }
        if context.config.replies.enabled {
            let abreast = context.config.replies.concurrency;
            tasks.spawn(errands::run(Arc::clone(&context), tasks.clone(), ErrandKind::Reply, abreast));
        }
        if context.mailer.is_some() {
            let abreast = context.config.mail.concurrency;
            tasks.spawn(errands::run(Arc::clone(&context), tasks.clone(), mail::KIND, abreast));
        }
        if let Some(listener) = &context.extensions.listener {
            for stream in [EventStream::Lifecycle, EventStream::Messages] {
                tasks.spawn(listener::run(Arc::clone(&context), Arc::clone(listener), stream));
            }
        }
        tasks.spawn(timers::run(Arc::clone(&context)));
        tasks.spawn(presence::watch(Arc::clone(&context)));
        tasks.spawn(presence::reconcile(Arc::clone(&context)));
        tasks.spawn(receipts::run(Arc::clone(&context)));
        tasks.spawn(snapshots::run(Arc::clone(&context)));
        tasks.spawn(housekeeping::run(Arc::clone(&context)));
        tasks.spawn(retention::run(Arc::clone(&context)));
        tasks.spawn(erasures::run(Arc::clone(&context)));
        tasks.spawn(bury_the_dead(Arc::clone(&context)));
        info!(node, "the worker takes up work");
        WorkerHandle { context, tasks, node }
    }
}

/// Makes requests to the endpoints of tenants.
fn outward(config: &Config) -> Option<reqwest::Client> {
    let client = confab_outward::client(config.replies.allow_private_addresses).build();
    client.inspect_err(|error| warn!(%error, "endpoints of tenants can't be asked")).ok()
}

/// Moves commands that were tried too often to the dead letters, until the worker stops.
async fn bury_the_dead(context: Arc<Context>) {
    let letters = context.bus.dead_letters();
    let run = || letters.run(context.stop.clone());
    if let Err(error) = until_done::<(), BusError, _>("moving dead letters", &context.stop, run).await
        && !context.stop.is_cancelled()
    {
        warn!(%error, "dead letters stay on the work queue until the worker is started again");
    }
}

impl WorkerHandle {
    /// Takes up nothing new and finishes what is in flight; what isn't finished after `deadline` is handed back for
    /// another worker.
    pub async fn drain(self, deadline: Duration) {
        self.context.stop.cancel();
        self.tasks.close();
        if timeout(deadline, self.tasks.wait()).await.is_err() {
            warn!(
                node = self.node,
                tasks = self.tasks.len(),
                "the worker hands back what it has not finished"
            );
            self.context.abandon.cancel();
            drop(timeout(HAND_BACK, self.tasks.wait()).await);
        }
        info!(node = self.node, "the worker has stopped");
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.context.stop.cancel();
        self.context.abandon.cancel();
    }
}
