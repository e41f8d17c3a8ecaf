//! Who may do what: one matrix of role, action and relation. Nothing else in the hub decides by role.
//!
//! It holds within one tenant. What belongs to another tenant is answered as not found, whatever the role.

use confab_protocol::{Role, TenantId};

use crate::AuthError;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Follow a conversation's channel.
    JoinConversation,
    /// Follow a conversation's private notes.
    JoinNotes,
    /// Follow a person's own feed.
    JoinUserFeed,
    /// Follow the desk's feed.
    JoinDeskFeed,
    /// Write into a conversation.
    SendMessage,
    /// Write a private note.
    SendNote,
    /// Read what was said earlier.
    ReadHistory,
    /// Start a conversation: a customer for themselves, staff for a customer.
    StartChat,
    /// Take a waiting conversation.
    AcceptConversation,
    /// End a conversation.
    CloseConversation,
    /// Go on with a closed conversation.
    ReopenConversation,
    /// Hand a conversation to an agent or a team.
    TransferConversation,
    /// Put a conversation back into its queue.
    RequeueConversation,
    /// See who waits: customers their own place, staff the whole queue.
    ViewQueue,
    /// List conversations: customers their own, staff all.
    ListConversations,
    /// Set one's own availability.
    SetOwnAvailability,
    /// Set one's own picture, or take it away.
    SetOwnPicture,
    /// Set another agent's availability.
    SetOthersAvailability,
    /// Read settings, people, teams, webhooks and their deliveries.
    ReadAdministration,
    /// Change them; export and erase customers.
    Administer,
    /// Search messages and tickets: customers their own, staff the tenant's.
    Search,
    /// Search customers.
    SearchCustomers,
    /// Use canned messages.
    UseCanned,
    /// Write canned messages: one's own, or those of a team or the tenant.
    EditCanned,
    /// Read what is published of the knowledge base.
    ReadArticles,
    /// Read all of the knowledge base, and write it.
    EditArticles,
    /// See what is known of a customer.
    ViewCustomers,
    /// Write what is known of a customer.
    EditCustomers,
    /// Tell the desk the page that one is on: customers of themselves.
    TellPage,
    /// See the desk's figures and reports.
    ViewReports,
    /// List and read tickets: customers their own, staff all.
    ReadTickets,
    /// Make a ticket: a customer for themselves, staff for a customer.
    CreateTicket,
    /// Change a ticket.
    UpdateTicket,
    /// Take a ticket away.
    DeleteTicket,
    /// Merge a duplicate into another ticket.
    MergeTickets,
    /// See who changed what of a ticket.
    ReadTicketHistory,
    /// See who did what.
    ReadAudit,
    /// Label a conversation.
    LabelConversation,
    /// Put a conversation aside, and take it up again.
    SnoozeConversation,
    /// Make a conversation more urgent and call for a lead.
    EscalateConversation,
    /// Take a conversation from its agent.
    TakeOverConversation,
    /// Say how one was served.
    AnswerSurvey,
    /// Ask for a person instead of automatic replies.
    AskForPerson,
    /// See business hours and targets.
    ReadServiceLevels,
    /// Set business hours and targets.
    SetServiceLevels,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 45] = [
        Self::JoinConversation,
        Self::JoinNotes,
        Self::JoinUserFeed,
        Self::JoinDeskFeed,
        Self::SendMessage,
        Self::SendNote,
        Self::ReadHistory,
        Self::StartChat,
        Self::AcceptConversation,
        Self::CloseConversation,
        Self::ReopenConversation,
        Self::TransferConversation,
        Self::RequeueConversation,
        Self::ViewQueue,
        Self::ListConversations,
        Self::SetOwnAvailability,
        Self::SetOwnPicture,
        Self::SetOthersAvailability,
        Self::ReadAdministration,
        Self::Administer,
        Self::Search,
        Self::SearchCustomers,
        Self::UseCanned,
        Self::EditCanned,
        Self::ReadArticles,
        Self::EditArticles,
        Self::ViewCustomers,
        Self::EditCustomers,
        Self::TellPage,
        Self::ViewReports,
        Self::ReadTickets,
        Self::CreateTicket,
        Self::UpdateTicket,
        Self::DeleteTicket,
        Self::MergeTickets,
        Self::ReadTicketHistory,
        Self::ReadAudit,
        Self::LabelConversation,
        Self::SnoozeConversation,
        Self::EscalateConversation,
        Self::TakeOverConversation,
        Self::AnswerSurvey,
        Self::AskForPerson,
        Self::ReadServiceLevels,
        Self::SetServiceLevels,
    ];
}

/// How somebody stands to what they want to act on, within their tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// It is themselves, or a conversation that they take part in.
    Own,
    /// It belongs to their tenant, but not to them.
    Tenant,
}

impl Relation {
    /// The relation to a thing of tenant `owner`; none when that is another tenant.
    pub fn of(caller: &TenantId, owner: &TenantId, is_own: bool) -> Option<Self> {
        match (caller == owner, is_own) {
            (false, _) => None,
            (true, true) => Some(Self::Own),
            (true, false) => Some(Self::Tenant),
        }
    }
}

/// The matrix.
pub fn allowed(role: Role, action: Action, relation: Relation) -> bool {
    use Action as A;
    let own = relation == Relation::Own;
    let leads = matches!(role, Role::Supervisor | Role::Admin);
    match action {
        A::JoinConversation
        | A::SendMessage
        | A::ReadHistory
        | A::ViewQueue
        | A::ListConversations
        | A::Search
        | A::ReadTickets
        | A::CreateTicket => role.is_staff() || own,
        A::JoinNotes
        | A::JoinDeskFeed
        | A::SendNote
        | A::AcceptConversation
        | A::SearchCustomers
        | A::UseCanned
        | A::ViewCustomers
        | A::EditCustomers
        | A::UpdateTicket
        | A::MergeTickets
        | A::ReadTicketHistory
        | A::LabelConversation
        | A::SnoozeConversation
        | A::EscalateConversation
        | A::ReadServiceLevels => role.is_staff(),
        A::JoinUserFeed => own,
        A::StartChat => role.is_staff() != own,
        A::CloseConversation | A::ReopenConversation => leads || own,
        A::TransferConversation | A::RequeueConversation | A::EditCanned => {
            leads || (role == Role::Agent && own)
        }
        A::SetOwnAvailability | A::SetOwnPicture => role.is_staff() && own,
        A::ReadArticles => true,
        A::SetOthersAvailability
        | A::EditArticles
        | A::ViewReports
        | A::ReadAdministration
        | A::DeleteTicket
        | A::TakeOverConversation => leads,
        A::AnswerSurvey | A::AskForPerson | A::TellPage => role == Role::Customer && own,
        A::Administer | A::ReadAudit | A::SetServiceLevels => role == Role::Admin,
    }
}

/// As [`allowed`], for callers that answer with an error. No relation means another tenant: that is answered as not found.
pub fn authorize(role: Role, action: Action, relation: Option<Relation>) -> Result<(), AuthError> {
    match relation {
        None => Err(AuthError::NotFound),
        Some(relation) if allowed(role, action, relation) => Ok(()),
        Some(_) => Err(AuthError::Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Action as A;

    const ROLES: [Role; 4] = [Role::Customer, Role::Agent, Role::Supervisor, Role::Admin];

    /// Customer, agent, supervisor, admin; `o` own, `t` the tenant's, `ot` both, `-` neither.
    const TABLE: [(Action, [&str; 4]); 45] = [
        (A::JoinConversation, ["o", "ot", "ot", "ot"]),
        (A::JoinNotes, ["-", "ot", "ot", "ot"]),
        (A::JoinUserFeed, ["o", "o", "o", "o"]),
        (A::JoinDeskFeed, ["-", "ot", "ot", "ot"]),
        (A::SendMessage, ["o", "ot", "ot", "ot"]),
        (A::SendNote, ["-", "ot", "ot", "ot"]),
        (A::ReadHistory, ["o", "ot", "ot", "ot"]),
        (A::StartChat, ["o", "t", "t", "t"]),
        (A::AcceptConversation, ["-", "ot", "ot", "ot"]),
        (A::CloseConversation, ["o", "o", "ot", "ot"]),
        (A::ReopenConversation, ["o", "o", "ot", "ot"]),
        (A::TransferConversation, ["-", "o", "ot", "ot"]),
        (A::RequeueConversation, ["-", "o", "ot", "ot"]),
        (A::ViewQueue, ["o", "ot", "ot", "ot"]),
        (A::ListConversations, ["o", "ot", "ot", "ot"]),
        (A::SetOwnAvailability, ["-", "o", "o", "o"]),
        (A::SetOwnPicture, ["-", "o", "o", "o"]),
        (A::SetOthersAvailability, ["-", "-", "ot", "ot"]),
        (A::ReadAdministration, ["-", "-", "ot", "ot"]),
        (A::Administer, ["-", "-", "-", "ot"]),
        (A::Search, ["o", "ot", "ot", "ot"]),
        (A::SearchCustomers, ["-", "ot", "ot", "ot"]),
        (A::UseCanned, ["-", "ot", "ot", "ot"]),
        (A::EditCanned, ["-", "o", "ot", "ot"]),
        (A::ReadArticles, ["ot", "ot", "ot", "ot"]),
        (A::EditArticles, ["-", "-", "ot", "ot"]),
        (A::ViewCustomers, ["-", "ot", "ot", "ot"]),
        (A::EditCustomers, ["-", "ot", "ot", "ot"]),
        (A::TellPage, ["o", "-", "-", "-"]),
        (A::ViewReports, ["-", "-", "ot", "ot"]),
        (A::ReadTickets, ["o", "ot", "ot", "ot"]),
        (A::CreateTicket, ["o", "ot", "ot", "ot"]),
        (A::UpdateTicket, ["-", "ot", "ot", "ot"]),
        (A::DeleteTicket, ["-", "-", "ot", "ot"]),
        (A::MergeTickets, ["-", "ot", "ot", "ot"]),
        (A::ReadTicketHistory, ["-", "ot", "ot", "ot"]),
        (A::ReadAudit, ["-", "-", "-", "ot"]),
        (A::LabelConversation, ["-", "ot", "ot", "ot"]),
        (A::SnoozeConversation, ["-", "ot", "ot", "ot"]),
        (A::EscalateConversation, ["-", "ot", "ot", "ot"]),
        (A::TakeOverConversation, ["-", "-", "ot", "ot"]),
        (A::AnswerSurvey, ["o", "-", "-", "-"]),
        (A::AskForPerson, ["o", "-", "-", "-"]),
        (A::ReadServiceLevels, ["-", "ot", "ot", "ot"]),
        (A::SetServiceLevels, ["-", "-", "-", "ot"]),
    ];

    #[test]
    fn the_matrix_is_the_table() {
        assert_eq!(TABLE.map(|(action, _)| action), Action::ALL, "the table has every action once");
        for (action, row) in TABLE {
            for (role, cell) in ROLES.into_iter().zip(row) {
                for (relation, mark) in [(Relation::Own, 'o'), (Relation::Tenant, 't')] {
                    let expected = cell.contains(mark);
                    assert_eq!(allowed(role, action, relation), expected, "{role:?} {action:?} {relation:?}");
                }
            }
        }
    }

    #[test]
    fn another_tenant_is_not_found_whatever_the_role() {
        let (mine, theirs) =
            (TenantId::parse("acme").expect("an id"), TenantId::parse("globex").expect("an id"));
        for role in ROLES {
            for action in Action::ALL {
                for is_own in [true, false] {
                    let relation = Relation::of(&mine, &theirs, is_own);
                    assert_eq!(authorize(role, action, relation), Err(AuthError::NotFound));
                }
            }
        }
    }

    #[test]
    fn what_the_matrix_refuses_is_forbidden() {
        let tenant = TenantId::parse("acme").expect("an id");
        let own = Relation::of(&tenant, &tenant, true);
        let others = Relation::of(&tenant, &tenant, false);
        assert_eq!(authorize(Role::Customer, A::SendMessage, own), Ok(()));
        assert_eq!(authorize(Role::Customer, A::SendMessage, others), Err(AuthError::Forbidden));
        assert_eq!(authorize(Role::Customer, A::JoinNotes, own), Err(AuthError::Forbidden));
    }
}
