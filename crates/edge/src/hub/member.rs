//! Who is in a room: followers on this node, and people that other nodes have announced.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use confab_protocol::{Member, UserId};
use dashmap::DashMap;
use tokio::time::Instant;

use super::FollowerId;

/// A node that has not been heard for this long is gone, and its people with it.
const NODE_LOST_AFTER: Duration = Duration::from_secs(15);

/// The other nodes and when each was last heard.
#[derive(Clone, Default)]
pub(crate) struct Nodes(Arc<DashMap<String, Instant>>);

impl Nodes {
    pub(crate) fn heard(&self, node: &str) {
        match self.0.get_mut(node) {
            Some(mut last) => *last = Instant::now(),
            None => {
                self.0.insert(node.to_owned(), Instant::now());
            }
        }
    }

    fn is_alive(&self, node: &str) -> bool {
        self.0.get(node).is_some_and(|last| last.elapsed() < NODE_LOST_AFTER)
    }

    /// Forgets nodes that have been gone for long.
    pub(crate) fn forget_lost(&self) {
        self.0.retain(|_, last| last.elapsed() < 4 * NODE_LOST_AFTER);
    }
}

/// The people of one room.
#[derive(Default)]
pub(super) struct Members {
    here: HashMap<FollowerId, (Member, bool)>,
    elsewhere: HashMap<(UserId, String), (Member, bool)>,
    /// People whose last connection here has ended, until they are announced as gone: a page that is reloaded is back
    /// before that.
    leaving: HashMap<UserId, (Member, Instant)>,
}

impl Members {
    /// A follower came. `true` when the person was not here before, so that the others should be told.
    pub(super) fn arrived(&mut self, id: FollowerId, member: Member) -> bool {
        let was_leaving = self.leaving.remove(&member.id).is_some();
        let was_here = self.is_here(&member.id);
        self.here.insert(id, (member, false));
        !was_here && !was_leaving
    }

    /// A follower left; the person lingers until [`Members::gone`].
    pub(super) fn left(&mut self, id: FollowerId, grace: Duration) {
        let Some((member, _)) = self.here.remove(&id) else { return };
        if !self.is_here(&member.id) {
            self.leaving.insert(member.id.clone(), (member, Instant::now() + grace));
        }
    }

    /// The follower's screen shows the room or not. The person's state when it has changed by this.
    pub(super) fn views(&mut self, id: FollowerId, on: bool) -> Option<(Member, bool)> {
        let user = self.here.get(&id)?.0.id.clone();
        let before = self.is_viewing_here(&user);
        let place = self.here.get_mut(&id)?;
        place.1 = on;
        let member = place.0.clone();
        let after = self.is_viewing_here(&user);
        (before != after).then_some((member, after))
    }

    /// Another node, or this one, says that somebody is there. `true` when that is news.
    pub(super) fn announced(&mut self, member: &Member, node: &str, viewing: bool) -> bool {
        let key = (member.id.clone(), node.to_owned());
        let before = self.elsewhere.insert(key, (member.clone(), viewing));
        before.is_none_or(|(_, was_viewing)| was_viewing != viewing)
    }

    /// A node says that somebody left it. `true` when they are nowhere else.
    pub(super) fn withdrawn(&mut self, user: &UserId, node: &str) -> bool {
        self.elsewhere.remove(&(user.clone(), node.to_owned()));
        !self.elsewhere.keys().any(|(id, _)| id == user)
    }

    /// People whose time of grace is over.
    pub(super) fn gone(&mut self, now: Instant) -> Vec<Member> {
        let gone: Vec<Member> = self
            .leaving
            .values()
            .filter(|(_, deadline)| *deadline <= now)
            .map(|(member, _)| member.clone())
            .collect();
        for member in &gone {
            self.leaving.remove(&member.id);
        }
        gone
    }

    /// When the next time of grace is over.
    pub(super) fn next_gone(&self) -> Option<Instant> {
        self.leaving.values().map(|(_, deadline)| *deadline).min()
    }

    /// People of nodes that have died.
    pub(super) fn lost_with(&self, nodes: &Nodes, this_node: &str) -> Vec<(Member, String)> {
        let lost = self.elsewhere.iter().filter(|((_, node), _)| node != this_node && !nodes.is_alive(node));
        lost.map(|((_, node), (member, _))| (member.clone(), node.clone())).collect()
    }

    /// Everybody connected here, each person once, and whether they view the room.
    pub(super) fn people_here(&self) -> Vec<(Member, bool)> {
        let mut people: HashMap<&UserId, (Member, bool)> = HashMap::new();
        for (member, viewing) in self.here.values() {
            let place = people.entry(&member.id).or_insert_with(|| (member.clone(), false));
            place.1 |= viewing;
        }
        people.into_values().collect()
    }

    /// Everybody known, each person once.
    pub(super) fn everybody(&self) -> Vec<Member> {
        let all = self.here.values().chain(self.elsewhere.values()).map(|(member, _)| member);
        let people: HashMap<&UserId, &Member> = all.map(|member| (&member.id, member)).collect();
        let mut people: Vec<Member> = people.into_values().cloned().collect();
        people.sort_by(|one, other| one.id.cmp(&other.id));
        people
    }

    /// Whether nobody from elsewhere is known, so that no node has to be watched.
    pub(super) fn nobody_elsewhere(&self, this_node: &str) -> bool {
        self.elsewhere.keys().all(|(_, node)| node == this_node)
    }

    fn is_here(&self, user: &UserId) -> bool {
        self.here.values().any(|(member, _)| member.id == *user)
    }

    fn is_viewing_here(&self, user: &UserId) -> bool {
        self.here.values().any(|(member, viewing)| *viewing && member.id == *user)
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::Role;

    use super::*;

    const GRACE: Duration = Duration::from_secs(4);

    fn mohan() -> Member {
        Member { id: UserId::parse("mohan").expect("an id"), name: "Mohan".into(), role: Role::Customer }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reload_is_no_departure() {
        let mut members = Members::default();
        assert!(members.arrived(FollowerId(1), mohan()));
        members.left(FollowerId(1), GRACE);
        assert!(!members.arrived(FollowerId(2), mohan()), "nobody needs to be told");
        assert!(members.gone(Instant::now() + GRACE).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_stays_away_is_gone() {
        let mut members = Members::default();
        members.arrived(FollowerId(1), mohan());
        members.left(FollowerId(1), GRACE);
        assert!(members.gone(Instant::now()).is_empty());
        assert_eq!(members.gone(Instant::now() + GRACE), [mohan()]);
    }

    #[test]
    fn two_tabs_are_one_person() {
        let mut members = Members::default();
        assert!(members.arrived(FollowerId(1), mohan()));
        assert!(!members.arrived(FollowerId(2), mohan()));
        assert_eq!(members.views(FollowerId(1), true), Some((mohan(), true)));
        assert_eq!(members.views(FollowerId(2), true), None);
        assert_eq!(members.everybody(), [mohan()]);
    }

    #[test]
    fn somebody_on_two_nodes_leaves_only_with_the_last() {
        let mut members = Members::default();
        assert!(members.announced(&mohan(), "a", false));
        assert!(members.announced(&mohan(), "b", false));
        assert!(!members.withdrawn(&mohan().id, "a"));
        assert!(members.withdrawn(&mohan().id, "b"));
    }

    #[test]
    fn the_people_of_a_dead_node_are_lost() {
        let mut members = Members::default();
        let nodes = Nodes::default();
        nodes.heard("b");
        members.announced(&mohan(), "a", false);
        members.announced(&mohan(), "b", false);
        assert_eq!(members.lost_with(&nodes, "c"), [(mohan(), "a".to_owned())]);
    }
}
