//! What the audit log says of a command. Written together with the note that its effects are carried out, when nobody
//! waits any longer.

use confab_domain::{Actor, Command, CommandKind, Outcome};
use confab_protocol::UnixMillis;
use confab_protocol::api::AuditItem;
use confab_store::AuditEntry;

/// The entry of a command that a person gave; what the hub does by itself is no one's doing.
pub(crate) fn entry(command: &Command, outcome: &Outcome, at: UnixMillis) -> Option<AuditEntry> {
    if command.actor == Actor::System {
        return None;
    }
    let (outcome, detail) = match outcome {
        Outcome::Done { .. } => ("done".to_owned(), None),
        Outcome::Refused(refusal) => (refusal.code.as_str().to_owned(), Some(refusal.message.clone())),
    };
    let (target_kind, target_id) = target(&command.kind).unzip();
    let item = AuditItem {
        at,
        by: command.actor.author(),
        action: command.kind.name().to_owned(),
        target_kind: target_kind.map(str::to_owned),
        target_id,
        outcome,
        detail,
    };
    Some(AuditEntry { id: command.id.to_string(), item })
}

fn target(kind: &CommandKind) -> Option<(&'static str, String)> {
    let conversation = kind.conversation().map(|id| ("conversation", id.to_string()));
    let ticket = || kind.ticket().map(|id| ("ticket", id.to_string()));
    let agent = || kind.agent().map(|id| ("agent", id.to_string()));
    conversation.or_else(ticket).or_else(agent)
}

#[cfg(test)]
mod tests {
    use confab_domain::Refusal;
    use confab_protocol::{CommandId, ConversationId, ErrorCode, Role, TenantId, UserId};

    use super::*;

    #[test]
    fn it_says_who_did_what_and_whether_it_was_done() {
        let conversation = ConversationId::parse("c-1").expect("an id");
        let actor =
            Actor::User { id: UserId::parse("asha").expect("an id"), name: "Asha".into(), role: Role::Agent };
        let command = Command {
            id: CommandId::parse("k-1").expect("an id"),
            tenant: TenantId::parse("acme").expect("an id"),
            at: 1,
            actor,
            kind: CommandKind::Close { conversation },
        };
        let refused = Outcome::Refused(Refusal::new(ErrorCode::Forbidden, "no"));
        let entry = entry(&command, &refused, 2).expect("a person did it");
        assert_eq!(entry.id, "k-1");
        assert_eq!((entry.item.action.as_str(), entry.item.outcome.as_str()), ("close", "forbidden"));
        assert_eq!(entry.item.target_id.as_deref(), Some("c-1"));
        let by_hub = Command { actor: Actor::System, ..command };
        assert_eq!(super::entry(&by_hub, &refused, 2), None);
    }
}
