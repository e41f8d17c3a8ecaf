//! Which of some texts answers a question, and how surely: by the share of the question's words that it has, rare ones
//! weighing more.

use super::words::{Terms, words};

/// Words that say nothing about what somebody asks.
pub(super) const EMPTY: [&str; 78] = [
    "a", "about", "am", "an", "and", "any", "are", "at", "be", "can", "could", "do", "does", "for", "from",
    "get", "good", "has", "have", "hello", "help", "hey", "hi", "how", "i", "if", "in", "is", "it", "like",
    "m", "me", "my", "need", "not", "of", "on", "or", "please", "s", "so", "some", "t", "thank", "thanks",
    "that", "the", "there", "they", "this", "to", "want", "was", "we", "what", "when", "where", "which",
    "who", "why", "will", "with", "would", "you", "your", "bitte", "das", "der", "die", "ein", "eine",
    "hallo", "ich", "ist", "mein", "und", "wie", "wo",
];
/// A word in the title is worth as much as in the text, and this more.
const IN_TITLE: f64 = 0.25;

/// The texts with how well each answers, from 0 to 1, the best first; those that have nothing of the question are left out.
/// `text` gives title and body; `total` is how many texts there are, those without any word of the question included.
pub(crate) fn answers<T>(
    terms: &Terms,
    texts: Vec<T>,
    text: impl Fn(&T) -> (String, String),
    total: usize,
) -> Vec<(f64, T)> {
    let asked = terms.folded();
    let has: Vec<Vec<(bool, bool)>> = texts
        .iter()
        .map(|one| {
            let (title, body) = text(one);
            let (title, body) = (words(&title), words(&body));
            let is_in = |term: &String, words: &[super::words::Word]| {
                words.iter().any(|word| is_same(&word.folded, term))
            };
            asked.iter().map(|term| (is_in(term, &title), is_in(term, &body))).collect()
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "far fewer texts than 2^52")]
    let weights: Vec<f64> = (0..asked.len())
        .map(|index| {
            let known = has.iter().filter(|row| row[index].0 || row[index].1).count();
            (1.0 + total.max(texts.len()) as f64 / (known as f64 + 0.5)).ln()
        })
        .collect();
    let all: f64 = weights.iter().sum();
    let confidence = |row: &[(bool, bool)]| {
        let one = |(weight, (title, body)): (&f64, &(bool, bool))| match (title, body) {
            (true, _) => weight * (1.0 + IN_TITLE),
            (false, true) => *weight,
            (false, false) => 0.0,
        };
        (weights.iter().zip(row).map(one).sum::<f64>() / all.max(f64::MIN_POSITIVE)).min(1.0)
    };
    let mut ranked: Vec<(f64, T)> = has.iter().map(|row| confidence(row)).zip(texts).collect();
    ranked.retain(|(confidence, _)| *confidence > 0.0);
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    ranked
}

/// The same word, or one of them with a short ending more: `refund`, `refunds`, `refunded`.
fn is_same(word: &str, term: &str) -> bool {
    let (short, long) = if word.len() < term.len() { (word, term) } else { (term, word) };
    short == long || (short.len() >= 4 && long.starts_with(short) && long.len() - short.len() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(question: &str) -> Option<(u32, &'static str)> {
        let texts = vec![
            ("How do I get a refund?", "Refunds take five days after the return has arrived."),
            ("Delivery times", "Parcels arrive within three days in most countries."),
            ("Change my password", "Open the settings and choose a new password."),
        ];
        let terms = Terms::of_question(question).expect("terms");
        let ranked = answers(&terms, texts, |text| (text.0.to_owned(), text.1.to_owned()), 3);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share in percent")]
        ranked.first().map(|(confidence, text)| ((confidence * 100.0) as u32, text.0))
    }

    #[test]
    fn the_text_that_has_what_was_asked_answers() {
        let (sure, title) = best("Hello, how long do refunds take please?").expect("an answer");
        assert!(title.contains("refund") && sure > 50, "{sure}");
        let (sure, _) = best("My zeppelin parcel is purple and broken").expect("a guess");
        assert!(sure < 50, "{sure}");
        assert_eq!(best("zeppelin"), None);
    }
}
