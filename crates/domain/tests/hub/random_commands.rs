//! Whatever commands come, in whatever order, twice or decided on old records: the promises hold after each.

use confab_domain::invariants::{self, Complete};
use confab_domain::{
    Assignee, CommandKind, Outcome, Policy, TenantSettings, TicketEdit, TransferTarget, decide,
};
use confab_protocol::ErrorCode;
use confab_protocol::api::{Availability, ConversationStatus, Priority};
use proptest::prelude::*;

use crate::model::{Hub, Stale, accept, conversation, ticket, user};
use crate::tickets::tickets_hold_together;

const AGENTS: [(&str, u32); 4] = [("ann", 1), ("ben", 2), ("cat", 3), ("dan", 1)];
const CONVERSATIONS: u32 = 12;

/// One step of a random run.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a run has few steps")]
enum Step {
    Give(CommandKind),
    Start(u32, Priority),
    /// The last command comes again, as after a lost acknowledgement.
    Redeliver,
    /// Two workers decide on the same records; the second's commit comes after the first's.
    Race(CommandKind, CommandKind),
    Write(u32),
    CustomerComes(u32),
    CustomerGoes(u32),
    Wait(u64),
}

fn number() -> impl Strategy<Value = u32> {
    0..CONVERSATIONS
}

fn agent() -> impl Strategy<Value = &'static str> {
    prop::sample::select(AGENTS.map(|(name, _)| name).to_vec())
}

fn priority() -> impl Strategy<Value = Priority> {
    prop::sample::select(vec![Priority::Low, Priority::Medium, Priority::High, Priority::Urgent])
}

fn availability() -> impl Strategy<Value = Availability> {
    use Availability::{Away, Busy, Offline, Online};
    prop::sample::select(vec![Online, Online, Away, Busy, Offline])
}

/// Commands that leave the queue's order and every agent's fitness as they are.
fn plain_command() -> impl Strategy<Value = CommandKind> {
    prop_oneof![
        4 => (number(), agent()).prop_map(|(number, agent)| accept(number, agent)),
        3 => number().prop_map(|number| CommandKind::Close { conversation: conversation(number) }),
        1 => number().prop_map(|number| CommandKind::Reopen { conversation: conversation(number) }),
        2 => (agent(), availability()).prop_map(|(agent, availability)| {
            CommandKind::SetAvailability { agent: user(agent), availability }
        }),
        2 => agent().prop_map(|agent| CommandKind::AgentConnected { agent: user(agent) }),
        1 => agent().prop_map(|agent| CommandKind::AgentDisconnected { agent: user(agent) }),
        1 => Just(CommandKind::Draw),
    ]
}

fn ticket_edit() -> impl Strategy<Value = TicketEdit> {
    use confab_protocol::api::TicketStatus;
    let status = prop::option::of(prop::sample::select(TicketStatus::ALL.to_vec()));
    let assignee = prop::option::of(prop_oneof![
        Just(Assignee::Nobody),
        agent().prop_map(|agent| Assignee::Agent(user(agent))),
    ]);
    let snoozed_until = prop::option::of((0..800_000_u64).prop_map(|wait| crate::model::START + wait));
    (status, assignee, snoozed_until, prop::option::of(priority())).prop_map(
        |(status, assignee, snoozed_until, priority)| TicketEdit {
            status,
            assignee,
            snoozed_until,
            priority,
            add_labels: vec!["seen".to_owned()],
            ..TicketEdit::default()
        },
    )
}

fn desk_command() -> impl Strategy<Value = CommandKind> {
    let until = (0..800_000_u64).prop_map(|wait| crate::model::START + wait);
    let team = prop::option::of(Just("billing".to_owned()));
    prop_oneof![
        3 => (number(), until).prop_map(|(number, until)| {
            CommandKind::Snooze { conversation: conversation(number), until }
        }),
        1 => number().prop_map(|number| {
            CommandKind::Wake { conversation: conversation(number), until: None }
        }),
        2 => (number(), prop::option::of(priority()), team).prop_map(|(number, priority, team)| {
            let note = Some("help".to_owned());
            CommandKind::Escalate { conversation: conversation(number), priority, team, note }
        }),
        1 => number().prop_map(|number| {
            CommandKind::SetLabels { conversation: conversation(number), labels: vec!["vip".to_owned()] }
        }),
        1 => (number(), 0..7_u8).prop_map(|(number, score)| {
            CommandKind::Rate { conversation: conversation(number), score, comment: None }
        }),
    ]
}

fn ticket_command() -> impl Strategy<Value = CommandKind> {
    prop_oneof![
        4 => (number(), ticket_edit(), prop::option::of(1..4_u64)).prop_map(|(number, edit, expected)| {
            CommandKind::UpdateTicket { ticket: ticket(number), expected, edit }
        }),
        1 => number().prop_map(|number| CommandKind::DeleteTicket { ticket: ticket(number), expected: None }),
        1 => (number(), number()).prop_map(|(number, other)| {
            CommandKind::MergeTicket { ticket: ticket(number), into: ticket(other) }
        }),
    ]
}

fn any_command() -> impl Strategy<Value = CommandKind> {
    let transfer_to_agent = (number(), agent(), any::<bool>()).prop_map(|(number, agent, with_note)| {
        let (to, note) = (TransferTarget::Agent(user(agent)), with_note.then(|| "Please".to_owned()));
        CommandKind::Transfer { conversation: conversation(number), to, note }
    });
    let transfer_to_team = number().prop_map(|number| {
        let to = TransferTarget::Team("billing".to_owned());
        CommandKind::Transfer { conversation: conversation(number), to, note: None }
    });
    prop_oneof![
        8 => plain_command(),
        1 => number().prop_map(|number| CommandKind::Requeue { conversation: conversation(number) }),
        2 => transfer_to_agent,
        1 => transfer_to_team,
        4 => ticket_command(),
        4 => desk_command(),
    ]
}

fn step(command: impl Strategy<Value = CommandKind> + Clone) -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (number(), priority()).prop_map(|(number, priority)| Step::Start(number, priority)),
        8 => command.clone().prop_map(Step::Give),
        2 => Just(Step::Redeliver),
        4 => (command.clone(), command).prop_map(|(one, other)| Step::Race(one, other)),
        2 => number().prop_map(Step::Write),
        1 => number().prop_map(Step::CustomerComes),
        1 => number().prop_map(Step::CustomerGoes),
        3 => (0..400_000_u64).prop_map(Step::Wait),
    ]
}

fn hub(policy: Policy) -> Hub {
    let settings = TenantSettings { policy, ..TenantSettings::default() };
    AGENTS.iter().fold(Hub::new(settings), |hub, (name, capacity)| hub.with_agent(name, *capacity))
}

fn apply(hub: &mut Hub, step: Step, last: &mut Option<confab_domain::Command>) {
    match step {
        Step::Start(number, priority) => {
            let kind = Hub::start(number, priority);
            give(hub, kind, last);
        }
        Step::Give(kind) => give(hub, kind, last),
        Step::Redeliver => {
            if let Some(command) = last {
                let (before, first) = (hub.conversations.clone(), hub.recorded[&command.id].clone());
                let decision = decide::decide(command, &hub.load(&command.kind), hub.now);
                assert_eq!(
                    hub.commit(&command.id, decision),
                    Ok(first),
                    "a repetition gets the first outcome"
                );
                assert_eq!(hub.conversations, before, "a repetition changes nothing");
            }
        }
        Step::Race(one, other) => race(hub, one, other),
        Step::Write(number) => drop(hub.last_message.insert(conversation(number), hub.now)),
        Step::CustomerComes(number) => drop(hub.present.insert(user(&format!("customer-{number}")))),
        Step::CustomerGoes(number) => drop(hub.present.remove(&user(&format!("customer-{number}")))),
        Step::Wait(milliseconds) => hub.advance(milliseconds),
    }
}

fn give(hub: &mut Hub, kind: CommandKind, last: &mut Option<confab_domain::Command>) {
    let command = hub.command(kind);
    hub.carry_out(&command);
    *last = Some(command);
}

fn race(hub: &mut Hub, one: CommandKind, other: CommandKind) {
    let (one, other) = (hub.command(one), hub.command(other));
    let decided = decide::decide(&other, &hub.load(&other.kind), hub.now);
    let stale = decide::decide(&one, &hub.load(&one.kind), hub.now);
    let touched = |change: &decide::Change| match change {
        decide::Change::Conversation(record) => record.after.id.to_string(),
        decide::Change::Agent(record) => record.id.to_string(),
        decide::Change::Ticket(record) => record.after.id.to_string(),
        decide::Change::TicketStep(step) => step.ticket.to_string(),
    };
    let overlap = decided.changes.iter().any(|a| stale.changes.iter().any(|b| touched(a) == touched(b)));
    hub.commit(&other.id, decided).expect("the first of two decides on what is stored");
    let written = hub.commit(&one.id, stale).is_ok();
    assert_eq!(written, !overlap, "a decision is written exactly when nobody changed its records");
    if !written {
        hub.carry_out(&one);
    }
    hub.draw();
}

/// What must be true of the records at any moment.
fn records_hold_together(hub: &Hub) {
    for conversation in hub.conversations.values() {
        let status = conversation.status;
        assert_eq!(conversation.agent.is_some(), status == ConversationStatus::Active, "{conversation:?}");
        assert_eq!(
            conversation.queued_at.is_some(),
            status == ConversationStatus::Waiting,
            "{conversation:?}"
        );
        assert_eq!(conversation.ended_at.is_some(), status == ConversationStatus::Closed, "{conversation:?}");
    }
    for agent in hub.agents.values() {
        let held = u32::try_from(hub.held_by(&agent.id).len()).expect("few");
        assert_eq!(agent.active, held, "{agent:?}");
        assert!(agent.active <= agent.capacity, "{agent:?}");
    }
    for conversation in hub.conversations.values() {
        let idle = hub.timers.contains_key(&format!("idle-{}", conversation.id));
        assert_eq!(
            idle,
            conversation.status == ConversationStatus::Active,
            "silence is watched: {conversation:?}"
        );
        let aside = conversation.snoozed_until.is_some();
        let abandon = hub.timers.contains_key(&format!("abandon-{}", conversation.id));
        assert_eq!(
            abandon,
            conversation.status == ConversationStatus::Waiting && !aside,
            "leaving is watched: {conversation:?}"
        );
        let snooze = hub.timers.contains_key(&format!("snooze-{}", conversation.id));
        assert_eq!(snooze, aside, "what is put aside comes back: {conversation:?}");
        assert!(!aside || conversation.status == ConversationStatus::Waiting, "{conversation:?}");
    }
}

fn invariants_hold(hub: &Hub) {
    let mut history = hub.history.clone();
    history.complete = Complete { state: true, ..Complete::default() };
    let violations = invariants::check(&history);
    assert!(violations.is_empty(), "{violations:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn records_hold_together_under_every_policy(
        policy in prop::sample::select(vec![Policy::Manual, Policy::RoundRobin, Policy::LeastBusy, Policy::LongestIdle]),
        steps in prop::collection::vec(step(any_command().boxed()), 1..80),
    ) {
        let (mut hub, mut last) = (hub(policy), None);
        for step in steps {
            apply(&mut hub, step, &mut last);
            records_hold_together(&hub);
            tickets_hold_together(&hub);
        }
        invariants_hold(&hub);
    }

    #[test]
    fn nobody_waits_while_somebody_is_free_and_nobody_is_overtaken(
        steps in prop::collection::vec(step(plain_command().boxed()), 1..80),
    ) {
        let (mut hub, mut last) = (hub(Policy::LeastBusy), None);
        for step in steps {
            let waiting_before = hub.waiting();
            let assigned_before = hub.assignments.len();
            let accepts = matches!(&step, Step::Give(CommandKind::Accept { .. }) | Step::Race(..) | Step::Wait(_))
                || matches!(&step, Step::Give(CommandKind::Reopen { .. }));
            apply(&mut hub, step, &mut last);
            let free = hub.agents.values().any(confab_domain::Agent::is_available);
            prop_assert!(!free || hub.waiting().is_empty(), "an agent is free and somebody waits");
            if accepts {
                continue;
            }
            let served: Vec<_> = hub.assignments[assigned_before..].iter().map(|(id, _)| id.clone()).collect();
            let still: Vec<_> = waiting_before.iter().filter(|one| !served.contains(&one.id)).collect();
            for overtaken in still.iter().filter(|one| hub.conversations[&one.id].status == ConversationStatus::Waiting) {
                for ahead in waiting_before.iter().filter(|one| served.contains(&one.id)) {
                    prop_assert!(ahead.queue_key() < overtaken.queue_key(), "{ahead:?} overtook {overtaken:?}");
                }
            }
        }
        invariants_hold(&hub);
    }

    #[test]
    fn of_all_who_accept_at_once_one_wins_and_the_others_hear_who(order in Just(AGENTS.map(|(name, _)| name).to_vec()).prop_shuffle()) {
        let mut hub = hub(Policy::Manual);
        let start = Hub::start(1, Priority::Medium);
        hub.give(start);
        let commands: Vec<_> = order.iter().map(|agent| hub.command(accept(1, agent))).collect();
        let decided: Vec<_> = commands.iter().map(|command| decide::decide(command, &hub.load(&command.kind), hub.now)).collect();
        let mut refused = 0;
        for (command, decision) in commands.iter().zip(decided) {
            let outcome = hub.commit(&command.id, decision).unwrap_or_else(|Stale| hub.carry_out(command));
            if let Outcome::Refused(refusal) = outcome {
                prop_assert_eq!(refusal.code, ErrorCode::AlreadyAssigned);
                prop_assert_eq!(refusal.winner.map(|party| party.id), Some(user(order[0])));
                refused += 1;
            }
        }
        prop_assert_eq!(refused, order.len() - 1);
        prop_assert_eq!(hub.holder(1), Some(order[0]));
        records_hold_together(&hub);
        invariants_hold(&hub);
    }
}
