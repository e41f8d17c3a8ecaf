//! E-mail to people who are not there: which kinds there are, who wants them, and what a customer has missed.

use confab_protocol::Role;
use confab_protocol::api::{HistoryItem, NotificationsBody};
use confab_protocol::ephemeral::Watermark;

/// Name of the tenant's setting, a [`confab_protocol::api::MailBody`], in its database.
pub const SETTING: &str = "mail";

/// Why somebody gets e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A customer has not read what agents wrote.
    Unread,
    /// A note names somebody of the staff.
    Mention,
    /// Something was given to somebody of the staff.
    Assignment,
}

impl Notice {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Unread, Self::Mention, Self::Assignment];

    /// Its name, as it stands in links.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Mention => "mention",
            Self::Assignment => "assignment",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == name)
    }

    /// Whether somebody with these preferences wants it.
    pub fn is_wanted(self, preferences: &NotificationsBody) -> bool {
        match self {
            Self::Unread => preferences.unread_email,
            Self::Mention => preferences.mention_email,
            Self::Assignment => preferences.assignment_email,
        }
    }

    /// The preferences of somebody who wants it no longer.
    #[must_use]
    pub fn unwanted(self, mut preferences: NotificationsBody) -> NotificationsBody {
        match self {
            Self::Unread => preferences.unread_email = false,
            Self::Mention => preferences.mention_email = false,
            Self::Assignment => preferences.assignment_email = false,
        }
        preferences
    }
}

/// A place in a conversation's log.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// Epoch, in fixed width.
    pub epoch: String,
    /// Sequence.
    pub seq: u64,
}

/// What agents wrote that the customer has neither read nor been sent, in its order. `history` is the end of the
/// conversation without notes, `read` the customer's watermark in the newest epoch.
pub fn missed<'a>(
    history: &'a [HistoryItem],
    read: Option<&Watermark>,
    told: Option<&Place>,
) -> Vec<&'a HistoryItem> {
    let newest = history.last().map(|item| item.epoch.as_str()).unwrap_or_default();
    let is_read = |item: &HistoryItem| {
        // Who has read something of the newest epoch has read all of those before.
        read.is_some_and(|mark| mark.read > 0 && (item.epoch != newest || item.seq <= mark.read))
    };
    let is_told = |item: &HistoryItem| {
        told.is_some_and(|told| (item.epoch.as_str(), item.seq) <= (told.epoch.as_str(), told.seq))
    };
    let by_staff = |item: &HistoryItem| item.entry.author.role.is_some_and(Role::is_staff);
    let missed = history.iter().filter(|item| item.entry.body.is_message() && !item.note && by_staff(item));
    missed.filter(|item| !is_read(item) && !is_told(item)).collect()
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Author, Body, Entry, UserId};

    use super::*;

    fn item(epoch: &str, seq: u64, role: Option<Role>) -> HistoryItem {
        let author = Author { id: UserId::parse("x").ok(), name: "X".into(), role };
        let body = Body::Text { text: format!("{epoch}/{seq}") };
        let entry = Entry { id: format!("m-{seq}"), author, at: seq, body };
        HistoryItem { epoch: epoch.into(), seq, note: false, entry }
    }

    fn places(items: &[&HistoryItem]) -> Vec<(String, u64)> {
        items.iter().map(|item| (item.epoch.clone(), item.seq)).collect()
    }

    #[test]
    fn only_what_agents_wrote_and_nobody_read_or_sent_is_missed() {
        let (staff, customer) = (Some(Role::Agent), Some(Role::Customer));
        let history = [
            item("1", 9, staff),
            item("2", 1, customer),
            item("2", 2, staff),
            item("2", 3, None),
            item("2", 5, staff),
        ];
        let mark = |read| Watermark { user_id: UserId::parse("x").expect("an id"), delivered: 9, read };
        let told = |epoch: &str, seq| Place { epoch: epoch.into(), seq };
        let all = [("1".to_owned(), 9), ("2".to_owned(), 2), ("2".to_owned(), 5)];
        assert_eq!(places(&missed(&history, None, None)), all);
        assert_eq!(places(&missed(&history, Some(&mark(0)), None)), all);
        assert_eq!(places(&missed(&history, Some(&mark(2)), None)), all[2..]);
        assert_eq!(places(&missed(&history, None, Some(&told("1", 9)))), all[1..]);
        assert_eq!(places(&missed(&history, None, Some(&told("2", 4)))), all[2..]);
        assert_eq!(missed(&history, Some(&mark(5)), None), Vec::<&HistoryItem>::new());
        assert_eq!(missed(&[], None, None), Vec::<&HistoryItem>::new());
    }

    #[test]
    fn each_kind_has_a_name_and_a_preference() {
        for notice in Notice::ALL {
            assert_eq!(Notice::parse(notice.as_str()), Some(notice));
            let usual = NotificationsBody::default();
            assert!(notice.is_wanted(&usual));
            let after = notice.unwanted(usual);
            let others = Notice::ALL.into_iter().filter(|other| *other != notice);
            assert!(!notice.is_wanted(&after) && others.into_iter().all(|other| other.is_wanted(&after)));
        }
        assert_eq!(Notice::parse("spam"), None);
    }
}
