//! What a chat costs the database: started, given to an agent and closed, so many of them in one transaction, in the
//! embedded engine on disk with its indexes.

#![expect(missing_docs, reason = "the library's macro makes public functions without any")]

use std::time::{Duration, Instant};

use confab_domain::assign::Assignment;
use confab_domain::decide::{assign, assign_command_id};
use confab_domain::{
    Actor, Agent, Change, Command, CommandKind, Conversation, Decision, State, TenantSettings, Ticket, decide,
};
use confab_protocol::api::{Party, Priority};
use confab_protocol::{ClientId, CommandId, ConversationId, Role, TenantId, TicketId, UserId};
use confab_store::{Commit, NewUser, Store, StoreSettings, TenantStore};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tracing::subscriber::NoSubscriber;

/// The allocator of the binaries.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TENANT: &str = "bench";
const AGENT: &str = "ada";
/// Customers who come again and again.
const CUSTOMERS: u64 = 200;

/// A tenant on disk with an agent. The files go with it.
struct Bench {
    runtime: Runtime,
    tenant: TenantStore,
    chats: u64,
    settings: TenantSettings,
    _files: TempDir,
}

/// A decision with the command it follows from.
struct Decided {
    command_id: CommandId,
    name: &'static str,
    decision: Decision,
}

/// A chat as its latest decision left it.
struct Chat {
    conversation: Conversation,
    ticket: Ticket,
}

impl Bench {
    fn new() -> Self {
        // As long as nobody listens to the engine's spans, it writes out each key for the older way of logging.
        let _ = tracing::subscriber::set_global_default(NoSubscriber::new());
        let runtime = Runtime::new().expect("a runtime");
        let files = tempfile::tempdir().expect("a folder");
        let settings = TenantSettings::default();
        let tenant = runtime.block_on(async {
            let url = format!("surrealkv://{}", files.path().display());
            let store = Store::open(StoreSettings::at(url)).await.expect("the engine opens");
            store.migrate().await.expect("the schema is made");
            let id = TenantId::parse(TENANT).expect("an id");
            store.create_tenant(&id, "Bench", &settings).await.expect("a tenant");
            let tenant = store.tenant(&id).await.expect("the tenant");
            tenant.create_user(ada()).await.expect("an agent");
            tenant
        });
        Self { runtime, tenant, chats: 0, settings, _files: files }
    }

    /// Chats from their beginning to their end, all at the same stage at a time.
    fn live(&mut self, together: usize) {
        let mut chats = Vec::with_capacity(together);
        let started: Vec<Decided> = (0..together).map(|_| self.start(&mut chats)).collect();
        self.commit(&started);
        let mut agent = self.agent();
        let assigned: Vec<Decided> = chats.iter_mut().map(|chat| self.assign(chat, &mut agent)).collect();
        self.commit(&assigned);
        let closed: Vec<Decided> = chats.iter_mut().map(|chat| self.close(chat, &mut agent)).collect();
        self.commit(&closed);
    }

    fn start(&mut self, chats: &mut Vec<Chat>) -> Decided {
        self.chats += 1;
        let (chat, customer) = (self.chats, self.chats % CUSTOMERS);
        let kind = CommandKind::Start {
            conversation: ConversationId::parse(format!("0199c5f0-8d2e-7000-8000-{chat:012}"))
                .expect("an id"),
            ticket: TicketId::parse(format!("0199c5f0-8d2e-7000-9000-{chat:012}")).expect("an id"),
            customer: Party {
                id: UserId::parse(format!("customer-{customer}")).expect("an id"),
                name: format!("Customer {customer}"),
            },
            issue_type: "billing".to_owned(),
            team: None,
            priority: Priority::Medium,
            client_id: ClientId::parse("first").expect("an id"),
            message: "The second parcel of my order has not arrived yet".to_owned(),
            continues: false,
        };
        let decided = self.decide("start", format!("start-{chat}"), kind, State::default());
        chats.push(Chat::of(&decided.decision));
        decided
    }

    fn assign(&self, chat: &mut Chat, agent: &mut Agent) -> Decided {
        let drawn = Assignment { conversation: chat.conversation.clone(), agent: agent.clone() };
        let tenant = TenantId::parse(TENANT).expect("an id");
        let decision = assign(&tenant, &self.settings, &drawn, Some(&chat.ticket), self.now());
        chat.follow(&decision, agent);
        Decided { command_id: assign_command_id(&drawn.conversation), name: "assign", decision }
    }

    fn close(&self, chat: &mut Chat, agent: &mut Agent) -> Decided {
        let state = State {
            conversation: Some(chat.conversation.clone()),
            ticket: Some(chat.ticket.clone()),
            holder: Some(agent.clone()),
            ..State::default()
        };
        let id = chat.conversation.id.clone();
        let close = CommandKind::Close { conversation: id.clone() };
        let decided = self.decide("close", format!("close-{id}"), close, state);
        chat.follow(&decided.decision, agent);
        decided
    }

    fn decide(&self, name: &'static str, id: String, kind: CommandKind, state: State) -> Decided {
        let command_id = CommandId::parse(id).expect("an id");
        let tenant = TenantId::parse(TENANT).expect("an id");
        let command = Command { id: command_id.clone(), tenant, at: self.now(), actor: Actor::System, kind };
        let decision = decide(&command, &State { settings: self.settings.clone(), ..state }, self.now());
        Decided { command_id, name, decision }
    }

    fn commit(&self, decided: &[Decided]) {
        let commits: Vec<Commit<'_>> = decided
            .iter()
            .map(|Decided { command_id, name, decision }| Commit {
                command_id,
                name,
                at: self.now(),
                decision,
            })
            .collect();
        self.runtime.block_on(self.tenant.commit_all(&commits)).expect("they are committed");
    }

    fn agent(&self) -> Agent {
        let id = UserId::parse(AGENT).expect("an id");
        self.runtime.block_on(self.tenant.agent(&id)).expect("the store answers").expect("the agent")
    }

    fn now(&self) -> u64 {
        1_760_000_000_000 + self.chats * 5
    }
}

impl Chat {
    fn of(decision: &Decision) -> Self {
        let (mut conversation, mut ticket) = (None, None);
        for change in &decision.changes {
            match change {
                Change::Conversation(changed) => conversation = Some(changed.after.clone()),
                Change::Ticket(changed) => ticket = Some(changed.after.clone()),
                Change::Agent(_) | Change::TicketStep(_) => {}
            }
        }
        Self {
            conversation: conversation.expect("a conversation begins"),
            ticket: ticket.expect("and a ticket"),
        }
    }

    fn follow(&mut self, decision: &Decision, agent: &mut Agent) {
        for change in &decision.changes {
            match change {
                Change::Conversation(changed) => self.conversation = changed.after.clone(),
                Change::Ticket(changed) => self.ticket = changed.after.clone(),
                Change::Agent(after) => *agent = after.clone(),
                Change::TicketStep(_) => {}
            }
        }
    }
}

fn ada() -> NewUser {
    NewUser {
        id: UserId::parse(AGENT).expect("an id"),
        login: "ada@example.org".to_owned(),
        name: "Ada".to_owned(),
        role: Role::Agent,
        password_hash: "$argon2id$not-a-real-one".to_owned(),
        capacity: 1000,
        skills: Vec::new(),
        teams: Vec::new(),
        email: None,
    }
}

fn chats(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chats");
    group.sample_size(20).measurement_time(Duration::from_secs(6)).warm_up_time(Duration::from_secs(2));
    for together in [1, 8, 32] {
        let mut bench = Bench::new();
        group.throughput(Throughput::Elements(together as u64));
        group.bench_function(BenchmarkId::new("together", together), |bencher| {
            bencher.iter_custom(|times| {
                let began = Instant::now();
                for _ in 0..times {
                    bench.live(together);
                }
                began.elapsed()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, chats);
criterion_main!(benches);
