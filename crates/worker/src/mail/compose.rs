//! What stands in an e-mail: plain text and HTML from the same lines, with everything that people wrote escaped.

use std::fmt::Write as _;

use confab_domain::transcript::escaped;

/// Longest part of one message that is quoted, in characters.
const QUOTED: usize = 1000;

/// An e-mail before it has a form.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    /// One line.
    pub(super) subject: String,
    /// What it begins with.
    pub(super) opening: String,
    /// What somebody said, each with their name.
    pub(super) quotes: Vec<(String, String)>,
    /// Where to go on, with what to call it.
    pub(super) link: (String, String),
    /// Where it is ended.
    pub(super) unsubscribe: String,
}

impl Letter {
    /// For readers without HTML.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.opening);
        for (name, said) in &self.quotes {
            let _ = writeln!(text, "{name}:");
            for line in shortened(said).lines() {
                let _ = writeln!(text, "> {line}");
            }
            text.push('\n');
        }
        let (url, name) = &self.link;
        let _ = write!(text, "{name}: {url}\n\n-- \nNo more of these e-mails: {}\n", self.unsubscribe);
        text
    }

    /// The same as HTML.
    pub(super) fn html(&self) -> String {
        let mut html = format!(
            "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
             <body style=\"font:16px/1.5 sans-serif;color:#1a1a1a;max-width:36rem;margin:0 auto;padding:1rem\">\n\
             <p>{}</p>\n",
            escaped(&self.subject),
            escaped(&self.opening)
        );
        for (name, said) in &self.quotes {
            let said = escaped(&shortened(said)).replace('\n', "<br>\n");
            let _ = writeln!(
                html,
                "<p style=\"margin:0\"><strong>{}</strong></p>\n<blockquote \
                 style=\"margin:0 0 1rem;padding:.5rem 1rem;border-left:3px solid #c9c9c9\">{said}</blockquote>",
                escaped(name)
            );
        }
        let (url, name) = &self.link;
        let _ = write!(
            html,
            "<p><a href=\"{}\">{}</a></p>\n<p style=\"font-size:13px;color:#595959\">\
             <a href=\"{}\" style=\"color:#595959\">No more of these e-mails</a></p>\n</body></html>\n",
            escaped(url),
            escaped(name),
            escaped(&self.unsubscribe)
        );
        html
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{} …", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_text_in_both_forms() {
        let letter = Letter {
            subject: "<b>Hi</b>".into(),
            opening: "You missed something.".into(),
            quotes: vec![("Asha <script>".into(), "1 < 2\n<img src=x onerror=alert(1)>\n.".into())],
            link: ("https://shop.example/?a=1&b=\"".into(), "Go on".into()),
            unsubscribe: "https://chat.example/unsubscribe/x".into(),
        };
        let html = letter.html();
        for evil in ["<script>", "<img", "<b>", "b=\"\""] {
            assert!(!html.contains(evil), "{evil} in {html}");
        }
        assert!(html.contains("1 &lt; 2<br>") && html.contains("Go on</a>"), "{html}");
        let text = letter.text();
        assert!(text.contains("> 1 < 2\n> <img src=x onerror=alert(1)>\n> .\n"), "{text}");
        assert!(text.contains("https://chat.example/unsubscribe/x"), "{text}");
    }

    #[test]
    fn long_messages_are_quoted_in_part() {
        assert_eq!(shortened(&"é".repeat(QUOTED)).chars().count(), QUOTED);
        assert_eq!(shortened(&"é".repeat(QUOTED + 1)).chars().count(), QUOTED + 2);
    }
}
