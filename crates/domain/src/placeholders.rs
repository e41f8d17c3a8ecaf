//! Variables in texts: `{{customer.name}}`, or `{{customer.first_name|there}}` with what stands in for the unknown.

/// The variables that there are; [`ATTRIBUTE`] and a name stand for what is known of the customer besides.
pub const VARIABLES: [&str; 8] = [
    "customer.name",
    "customer.first_name",
    "customer.id",
    "agent.name",
    "agent.first_name",
    "conversation.id",
    "ticket.id",
    "ticket.subject",
];
/// Before the name of one of the customer's attributes.
pub const ATTRIBUTE: &str = "customer.attributes.";

/// A text with its variables filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Variables without a value or a stand-in, left as they were written; each once.
    pub missing: Vec<String>,
}

enum Piece<'a> {
    Text(&'a str),
    Variable { name: &'a str, instead: Option<&'a str>, written: &'a str },
}

/// What is not closed is text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find("{{") {
        let Some(length) = rest[begin..].find("}}") else { break };
        let end = begin + length + 2;
        let (name, instead) = match rest[begin + 2..end - 2].split_once('|') {
            Some((name, instead)) => (name.trim(), Some(instead.trim())),
            None => (rest[begin + 2..end - 2].trim(), None),
        };
        pieces.push(Piece::Text(&rest[..begin]));
        pieces.push(Piece::Variable { name, instead, written: &rest[begin..end] });
        rest = &rest[end..];
    }
    pieces.push(Piece::Text(rest));
    pieces
}

fn is_known(name: &str) -> bool {
    let attribute = name.strip_prefix(ATTRIBUTE);
    VARIABLES.contains(&name)
        || attribute.is_some_and(|word| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        })
}

/// The first variable in the text that there isn't.
pub fn unknown_variable(text: &str) -> Option<&str> {
    pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Variable { name, .. } if !is_known(name) => Some(name),
        _ => None,
    })
}

/// Fills in what `value` knows.
pub fn render(text: &str, value: impl Fn(&str) -> Option<String>) -> Rendered {
    let mut rendered = Rendered::default();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => rendered.text.push_str(text),
            Piece::Variable { name, instead, written } => {
                let known = value(name).filter(|known| !known.trim().is_empty());
                if let Some(known) = known.as_deref().or(instead) {
                    rendered.text.push_str(known);
                } else {
                    rendered.text.push_str(written);
                    if !rendered.missing.iter().any(|missing| missing == name) {
                        rendered.missing.push(name.to_owned());
                    }
                }
            }
        }
    }
    rendered
}

/// The name by which somebody is greeted.
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str) -> Option<String> {
        match name {
            "customer.name" => Some("Asha {{agent.name}}".to_owned()),
            "customer.attributes.plan" => Some("gold".to_owned()),
            "agent.name" => Some("  ".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_filled_in_once() {
        let text =
            "Hi {{ customer.name }}, plan {{customer.attributes.plan|none}}, {{ticket.id|your ticket}}";
        let rendered = render(text, value);
        assert_eq!(rendered.text, "Hi Asha {{agent.name}}, plan gold, your ticket");
        assert_eq!(rendered.missing, Vec::<String>::new());
    }

    #[test]
    fn what_is_not_known_stays_and_is_told() {
        let rendered = render("{{agent.name}} {{agent.name}} {{ticket.id}} {{open", value);
        assert_eq!(rendered.text, "{{agent.name}} {{agent.name}} {{ticket.id}} {{open");
        assert_eq!(rendered.missing, ["agent.name", "ticket.id"]);
    }

    #[test]
    fn only_variables_that_there_are_can_be_written() {
        assert_eq!(unknown_variable("{{customer.name}} {{customer.attributes.plan-2|x}} {{}"), None);
        assert_eq!(unknown_variable("{{custmer.name}}"), Some("custmer.name"));
        assert_eq!(unknown_variable("{{customer.attributes.}}"), Some("customer.attributes."));
        assert_eq!(first_name("Asha Rao"), "Asha");
    }
}
