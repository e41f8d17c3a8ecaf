//! Whom a private note names: `@login`.

/// Most people that one note can name.
const MAX_NAMED: usize = 20;

/// The log-in names after an `@` that begins a word, each once, in their order.
pub fn logins(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    let words = text.split(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';' | '(' | ')' | '"'));
    for word in words {
        let Some(login) = word.strip_prefix('@') else { continue };
        let login = login.trim_end_matches(|sign: char| !sign.is_alphanumeric());
        if !login.is_empty() && !found.contains(&login) && found.len() < MAX_NAMED {
            found.push(login);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("@asha please look", &["asha"])]
    #[case("ask (@ravi), or @asha@example.org!", &["ravi", "asha@example.org"])]
    #[case("write to help@example.org", &[])]
    #[case("@ @@ @asha @asha.", &["asha"])]
    fn whom_a_note_names(#[case] text: &str, #[case] named: &[&str]) {
        assert_eq!(logins(text), named);
    }

    #[test]
    fn nobody_names_everybody() {
        let text = (0..100).map(|number| format!("@agent-{number}")).collect::<Vec<_>>().join(" ");
        assert_eq!(logins(&text).len(), MAX_NAMED);
    }
}
