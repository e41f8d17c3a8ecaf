//! Who gets the next conversation, policy by policy.

use confab_domain::{Agent, Conversation, Policy, TenantSettings, assign, decide};
use confab_protocol::Role;
use confab_protocol::api::{Availability, Priority};
use rstest::rstest;

use crate::model::{Hub, START, user};

/// A free agent: name, conversations of capacity, last assignment, idle since.
fn agent(name: &str, active: u32, capacity: u32, last_assigned_at: u64, idle_since: u64) -> Agent {
    Agent {
        availability: Availability::Online,
        connected: true,
        active,
        last_assigned_at,
        idle_since,
        ..Agent::new(user(name), name, Role::Agent, capacity)
    }
}

fn waiting(number: u32) -> Conversation {
    let mut hub = Hub::new(TenantSettings { policy: Policy::Manual, ..TenantSettings::default() });
    hub.now += u64::from(number);
    let start = Hub::start(number, Priority::Medium);
    hub.give(start);
    hub.conversation(number).clone()
}

fn names(policy: Policy, waiting: &[Conversation], agents: &[Agent]) -> Vec<String> {
    let drawn = assign::draw(policy, waiting, agents, START + 1000);
    drawn.into_iter().map(|drawn| drawn.agent.id.to_string()).collect()
}

#[rstest]
#[case::least_busy_takes_the_smallest_share(
    Policy::LeastBusy, &[agent("ann", 1, 2, 0, 0), agent("ben", 2, 5, 9, 9)], &["ben"])]
#[case::least_busy_takes_the_longest_unassigned_of_equals(
    Policy::LeastBusy, &[agent("ann", 1, 5, 7, 0), agent("ben", 1, 5, 3, 0)], &["ben"])]
#[case::round_robin_takes_whose_last_assignment_is_oldest(
    Policy::RoundRobin, &[agent("ann", 0, 5, 7, 0), agent("ben", 4, 5, 3, 9)], &["ben"])]
#[case::longest_idle_takes_who_has_been_without_for_longest(
    Policy::LongestIdle, &[agent("ann", 0, 5, 1, 7), agent("ben", 0, 5, 2, 3)], &["ben"])]
#[case::longest_idle_prefers_who_has_none_at_all(
    Policy::LongestIdle, &[agent("ann", 1, 5, 1, 1), agent("ben", 0, 5, 2, 9)], &["ben"])]
#[case::manual_takes_nobody(Policy::Manual, &[agent("ann", 0, 5, 0, 0)], &[])]
#[case::who_is_full_gets_nothing(Policy::LeastBusy, &[agent("ann", 2, 2, 0, 0)], &[])]
fn one_conversation_goes_to(#[case] policy: Policy, #[case] agents: &[Agent], #[case] expected: &[&str]) {
    assert_eq!(names(policy, &[waiting(1)], agents), expected);
}

#[rstest]
#[case::round_robin_goes_around(Policy::RoundRobin, &["ann", "ben", "cat", "ann"])]
#[case::least_busy_spreads(Policy::LeastBusy, &["ann", "ben", "cat", "ann"])]
#[case::longest_idle_spreads(Policy::LongestIdle, &["ann", "ben", "cat", "ann"])]
fn four_conversations_go_to(#[case] policy: Policy, #[case] expected: &[&str]) {
    let agents = [agent("ann", 0, 2, 1, 1), agent("ben", 0, 2, 2, 2), agent("cat", 0, 2, 3, 3)];
    let queue: Vec<_> = (1..=4).map(waiting).collect();
    assert_eq!(names(policy, &queue, &agents), expected);
}

#[rstest]
#[case::the_skill_decides(|agent: &mut Agent| agent.skills = vec!["SHIPPING".into()], |_: &mut Conversation| (), false)]
#[case::the_right_skill_fits(|agent: &mut Agent| agent.skills = vec!["PAYMENT_STALLED".into()], |_: &mut Conversation| (), true)]
#[case::no_skill_means_every_skill(|_: &mut Agent| (), |_: &mut Conversation| (), true)]
#[case::the_team_decides(|_: &mut Agent| (), |one: &mut Conversation| one.team = Some("billing".into()), false)]
#[case::a_member_of_the_team_fits(|agent: &mut Agent| agent.teams = vec!["billing".into()], |one: &mut Conversation| one.team = Some("billing".into()), true)]
#[case::whom_it_was_taken_from_does_not_get_it_back(|_: &mut Agent| (), |one: &mut Conversation| one.avoid = Some(user("ann")), false)]
#[case::the_absent_get_nothing(|agent: &mut Agent| agent.connected = false, |_: &mut Conversation| (), false)]
#[case::the_busy_get_nothing(|agent: &mut Agent| agent.availability = Availability::Busy, |_: &mut Conversation| (), false)]
fn whoever_fits(#[case] with: fn(&mut Agent), #[case] having: fn(&mut Conversation), #[case] gets_it: bool) {
    let (mut agent, mut conversation) = (agent("ann", 0, 5, 0, 0), waiting(1));
    with(&mut agent);
    having(&mut conversation);
    assert_eq!(!names(Policy::LeastBusy, &[conversation], &[agent]).is_empty(), gets_it);
}

#[test]
fn a_conversation_nobody_fits_does_not_hold_up_the_others() {
    let mut first = waiting(1);
    first.team = Some("billing".into());
    let queue = [first, waiting(2)];
    let drawn = assign::draw(Policy::LeastBusy, &queue, &[agent("ann", 0, 1, 0, 0)], START);
    assert_eq!(drawn.iter().map(|one| one.conversation.id.as_str()).collect::<Vec<_>>(), ["c-2"]);
}

#[test]
fn who_came_first_is_served_first_and_urgency_goes_before() {
    let mut hub = Hub::new(TenantSettings::default());
    for (number, priority) in
        [(1, Priority::Medium), (2, Priority::Low), (3, Priority::Urgent), (4, Priority::Medium)]
    {
        hub.now += 10;
        let start = Hub::start(number, priority);
        hub.give(start);
    }
    let order: Vec<_> = hub.waiting().iter().map(|one| one.id.to_string()).collect();
    assert_eq!(order, ["c-3", "c-1", "c-4", "c-2"]);
    let mut hub = hub.with_agent("ann", 2);
    hub.draw();
    assert_eq!((hub.holder(3), hub.holder(1), hub.holder(4)), (Some("ann"), Some("ann"), None));
}

#[test]
fn every_draw_of_every_conversation_has_an_id_of_its_own() {
    let mut ids = std::collections::HashSet::new();
    for name in ["x".repeat(64), format!("{}y", "x".repeat(63)), "c-1".to_owned()] {
        for version in [1, 2, u64::MAX] {
            let id = name.parse().expect("an id");
            let conversation = Conversation { id, version, ..waiting(1) };
            assert!(ids.insert(decide::assign_command_id(&conversation)), "{name} {version}");
        }
    }
}
