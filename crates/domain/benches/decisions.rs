//! What decisions cost: drawing from the queue, the commands of a conversation's life, and judging a recorded run.

#![expect(missing_docs, reason = "the library's macro makes public functions without any")]

use std::hint::black_box;

use confab_domain::invariants::{self, History, Message, Name, Place, Record};
use confab_domain::{
    Actor, Agent, Change, Command, CommandKind, Conversation, Policy, State, Ticket, assign, decide,
};
use confab_protocol::api::{Availability, Party, Priority};
use confab_protocol::{ClientId, CommandId, ConversationId, Role, TenantId, TicketId, UserId};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const NOW: u64 = 1_700_000_000_000;
/// Entries of a judged run, each delivered to two.
const ENTRIES: u64 = 10_000;

fn command(kind: CommandKind) -> Command {
    Command {
        id: CommandId::parse("a-command").expect("an id"),
        tenant: TenantId::parse("acme").expect("an id"),
        at: NOW,
        actor: Actor::System,
        kind,
    }
}

fn user(name: &str) -> UserId {
    UserId::parse(name).expect("an id")
}

fn start(number: usize) -> CommandKind {
    CommandKind::Start {
        conversation: ConversationId::parse(format!("c-{number}")).expect("an id"),
        ticket: TicketId::parse(format!("t-{number}")).expect("an id"),
        customer: Party { id: user(&format!("customer-{number}")), name: "Mohan".to_owned() },
        issue_type: "PAYMENT_STALLED".to_owned(),
        team: None,
        priority: Priority::Medium,
        client_id: ClientId::parse(format!("m-{number}")).expect("an id"),
        message: "My payment is stuck".to_owned(),
        continues: false,
    }
}

fn agent(number: usize) -> Agent {
    let name = format!("agent-{number}");
    Agent {
        availability: Availability::Online,
        connected: true,
        ..Agent::new(user(&name), &name, Role::Agent, 5)
    }
}

/// A conversation that waits, with its ticket.
fn waiting(number: usize) -> (Conversation, Ticket) {
    let decision = decide(&command(start(number)), &State::default(), NOW);
    let (mut conversation, mut ticket) = (None, None);
    for change in decision.changes {
        match change {
            Change::Conversation(made) => conversation = Some(made.after),
            Change::Ticket(made) => ticket = Some(made.after),
            Change::Agent(_) | Change::TicketStep(_) => {}
        }
    }
    (conversation.expect("a start makes one"), ticket.expect("a start makes one"))
}

fn decisions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decisions");
    group.throughput(Throughput::Elements(1));
    let started = command(start(1));
    group.bench_function("start", |bencher| {
        bencher.iter_batched(
            State::default,
            |state| decide(black_box(&started), &state, NOW),
            BatchSize::SmallInput,
        );
    });
    let (conversation, ticket) = waiting(1);
    let accept =
        command(CommandKind::Accept { conversation: conversation.id.clone(), agent: agent(1).id.clone() });
    let state = State {
        conversation: Some(conversation),
        ticket: Some(ticket),
        agent: Some(agent(1)),
        ..State::default()
    };
    group.bench_function("accept", |bencher| {
        bencher.iter(|| decide(black_box(&accept), &state, NOW + 1000));
    });
    group.finish();
}

fn draws(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw");
    for (conversations, agents) in [(1, 50), (100, 50), (1000, 500)] {
        let queue: Vec<Conversation> = (0..conversations).map(|number| waiting(number).0).collect();
        let agents: Vec<Agent> = (0..agents).map(agent).collect();
        group.throughput(Throughput::Elements(conversations as u64));
        let name = format!("{conversations} waiting, {} agents", agents.len());
        group.bench_function(BenchmarkId::new("least busy", name), |bencher| {
            bencher.iter(|| assign::draw(Policy::LeastBusy, black_box(&queue), &agents, NOW));
        });
    }
    group.finish();
}

fn judging(criterion: &mut Criterion) {
    let name = |text: &str| Name::from(text);
    let mut history = History::new();
    for participant in ["customer", "agent"] {
        history.push(Record::Followed {
            participant: name(participant),
            channel: name("conv.c-1"),
            epoch: name(""),
            after: 0,
        });
    }
    for seq in 1..=ENTRIES {
        let entry_id = Name::from(format!("m-{seq}"));
        let message = Message { channel: name("conv.c-1"), author: name("agent"), entry_id };
        history.push(Record::Acked { message: message.clone(), seq });
        for participant in ["customer", "agent"] {
            let place = Place { epoch: name("017"), seq };
            history.push(Record::Delivered {
                participant: name(participant),
                message: message.clone(),
                place,
            });
        }
    }
    assert_eq!(invariants::check(&history), []);
    let mut group = criterion.benchmark_group("invariants");
    group.sample_size(20).throughput(Throughput::Elements(ENTRIES));
    group.bench_function("check", |bencher| bencher.iter(|| invariants::check(black_box(&history))));
    group.finish();
}

criterion_group!(benches, decisions, draws, judging);
criterion_main!(benches);
