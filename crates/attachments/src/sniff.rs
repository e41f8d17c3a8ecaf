//! What a file really is, by its first bytes: neither its name nor what the sender says of it is believed.

/// So many bytes are enough to tell.
pub const HEAD_BYTES: usize = 8192;

/// Pictures of which a small one is made, and which browsers may show.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// The media type of a file with these first bytes; `application/octet-stream` for what isn't known.
pub fn media_type(head: &[u8]) -> &'static str {
    if let Some(known) = infer::get(head) {
        return known.mime_type();
    }
    if is_markup(head) {
        return "text/xml";
    }
    if is_text(head) { "text/plain" } else { "application/octet-stream" }
}

/// Whether a list of media types, `image/*` among them, has this one.
pub fn is_allowed(media_type: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|allowed| match allowed.strip_suffix("/*") {
        Some(family) => media_type.split('/').next() == Some(family),
        None => allowed == media_type,
    })
}

/// Whether a small picture is made of files of this type, and browsers may show them in place.
pub fn is_picture(media_type: &str) -> bool {
    PICTURES.contains(&media_type)
}

/// Text that begins with a tag: SVG, HTML without its usual beginning, XML. Whatever comes before the tag that a
/// browser would skip is skipped here too.
fn is_markup(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let first = text.iter().position(|byte| !byte.is_ascii_whitespace()).map(|at| &text[at..]);
    let tag_follows = |rest: &[u8]| matches!(rest.get(1), Some(byte) if byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?' | b'/'));
    first.is_some_and(|rest| rest.first() == Some(&b'<') && tag_follows(rest))
}

/// UTF-8 without control characters but white space; the last character may be cut off.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty()
        && !text.chars().any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(b"\x89PNG\r\n\x1a\n", "image/png")]
    #[case(b"\xff\xd8\xff\xe0", "image/jpeg")]
    #[case(b"%PDF-1.7", "application/pdf")]
    #[case(b"<!DOCTYPE html><script>alert(1)</script>", "text/html")]
    #[case(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "text/xml")]
    #[case(b"\xef\xbb\xbf \n<svg/>", "text/xml")]
    #[case(b"<?xml version='1.0'?><svg/>", "text/xml")]
    #[case("Grüße\n< 3".as_bytes(), "text/plain")]
    #[case(&"ü".as_bytes()[..1], "application/octet-stream")]
    #[case(b"", "application/octet-stream")]
    #[case(b"MZ\x90\0", "application/vnd.microsoft.portable-executable")]
    #[case(b"\0\x01\x02", "application/octet-stream")]
    fn bytes_tell(#[case] head: &[u8], #[case] expected: &str) {
        assert_eq!(media_type(head), expected);
    }

    #[test]
    fn text_may_be_cut_within_a_character() {
        assert_eq!(media_type(&"aü".as_bytes()[..2]), "text/plain");
    }

    #[test]
    fn families_are_allowed_as_a_whole() {
        let allowed = ["image/*".to_owned(), "text/plain".to_owned()];
        assert!(is_allowed("image/png", &allowed) && is_allowed("text/plain", &allowed));
        assert!(!is_allowed("text/html", &allowed) && !is_allowed("imagery/png", &allowed));
    }
}
