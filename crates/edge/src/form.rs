//! The form of what people type: texts, names, words that route. Ids check themselves.

use confab_protocol::{ErrorCode, UnixMillis};

use crate::error::EdgeError;

/// Longest issue type or team.
const MAX_WORD: usize = 64;
/// Longest name, in characters.
const MAX_NAME: usize = 80;
/// The first millisecond of the year 10000.
const LATEST: UnixMillis = 253_402_300_800_000;

fn invalid(message: String) -> EdgeError {
    EdgeError::new(ErrorCode::Invalid, message)
}

/// A word that routes: 1 to 64 of `A-Z a-z 0-9 _ -`.
pub(crate) fn word(field: &str, text: &str) -> Result<(), EdgeError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if (1..=MAX_WORD).contains(&text.len()) && plain {
        return Ok(());
    }
    Err(invalid(format!("{field} has to be 1 to {MAX_WORD} of A-Z a-z 0-9 _ -")))
}

/// A name to show: at most 80 characters, none of which control a display; without the space around it.
pub(crate) fn name(field: &str, text: &str) -> Result<String, EdgeError> {
    line(field, text, MAX_NAME)
}

/// A message or note: not empty, at most `max` characters, no control characters but line ends and tabs.
pub(crate) fn text(field: &str, text: &str, max: usize) -> Result<(), EdgeError> {
    if text.trim().is_empty() {
        return Err(invalid(format!("{field} is empty")));
    }
    if text.chars().count() > max {
        return Err(EdgeError::new(ErrorCode::TooLarge, format!("{field} is longer than {max} characters")));
    }
    if text.chars().any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t')) {
        return Err(invalid(format!("{field} has control characters other than tab and line end")));
    }
    Ok(())
}

/// A time somebody asks for: before the year 10000.
pub(crate) fn moment(field: &str, time: Option<UnixMillis>) -> Result<(), EdgeError> {
    if time.is_none_or(|time| time < LATEST) {
        return Ok(());
    }
    Err(invalid(format!("{field} has to be a time before the year 10000, in milliseconds")))
}

/// An e-mail address, as far as its form tells: one `@`, a domain with a dot, no space, at most 254 bytes.
pub(crate) fn email(field: &str, text: &str) -> Result<(), EdgeError> {
    let plain = text.len() <= 254 && !text.chars().any(|sign| sign.is_whitespace() || sign.is_control());
    let parts = text.split_once('@').filter(|(user, domain)| {
        let labels = domain.split('.').collect::<Vec<_>>();
        !user.is_empty()
            && labels.len() > 1
            && labels.iter().all(|label| !label.is_empty())
            && !domain.contains('@')
    });
    if plain && parts.is_some() && !text.contains(['<', '>', ',', ';', '"', '(', ')']) {
        return Ok(());
    }
    Err(invalid(format!("{field} has to be an e-mail address, such as asha@example.org")))
}

/// One line: not empty, at most `max` characters, none of which control a display; without the space around it.
pub(crate) fn line(field: &str, text: &str, max: usize) -> Result<String, EdgeError> {
    let text = text.trim();
    let fits = (1..=max).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(invalid(format!("{field} has to be one line of 1 to {max} characters")))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("PAYMENT_STALLED", true)]
    #[case("returns-2", true)]
    #[case("", false)]
    #[case("pay ment", false)]
    #[case("pay.ment", false)]
    #[case("bücher", false)]
    #[case(&"x".repeat(65), false)]
    fn words_that_route(#[case] text: &str, #[case] taken: bool) {
        assert_eq!(word("issue_type", text).is_ok(), taken);
    }

    #[test]
    fn times_are_of_this_age() {
        assert!(moment("since", None).is_ok() && moment("since", Some(LATEST - 1)).is_ok());
        assert_eq!(moment("since", Some(LATEST)).expect_err("refused").code, ErrorCode::Invalid);
    }

    #[rstest]
    #[case("  Asha  ", Some("Asha"))]
    #[case("Łukasz 🙂", Some("Łukasz 🙂"))]
    #[case("   ", None)]
    #[case("a\nb", None)]
    #[case(&"x".repeat(81), None)]
    fn names_to_show(#[case] text: &str, #[case] taken: Option<&str>) {
        assert_eq!(name("name", text).ok().as_deref(), taken);
    }

    #[rstest]
    #[case("My payment\nis stuck\t…", None)]
    #[case(" \n ", Some(ErrorCode::Invalid))]
    #[case("\u{0}", Some(ErrorCode::Invalid))]
    #[case("\u{1b}[2J", Some(ErrorCode::Invalid))]
    #[case(&"ü".repeat(100), None)]
    #[case(&"ü".repeat(101), Some(ErrorCode::TooLarge))]
    fn texts(#[case] body: &str, #[case] refused: Option<ErrorCode>) {
        assert_eq!(text("message", body, 100).err().map(|error| error.code), refused);
    }
}
