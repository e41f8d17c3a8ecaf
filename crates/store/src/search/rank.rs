//! Which match is better: how often the terms are said in how long a text, whether they stand together, how recent it is.

use confab_protocol::UnixMillis;

use super::words::{Terms, Word};

/// How soon saying a word again stops counting (Okapi BM25's k1), and how much length counts (its b).
const SATURATION: f64 = 1.2;
const LENGTH_WEIGHT: f64 = 0.75;
/// Words of a usual text.
const USUAL_LENGTH: f64 = 20.0;
/// What it is worth that the terms stand together in the order of the question.
const TOGETHER: f64 = 1.0;
/// What it is worth to be of today, and the days after which it is worth half of that.
const RECENT: f64 = 0.8;
const HALF_LIFE_DAYS: f64 = 14.0;
const DAY_MS: f64 = 24.0 * 3600.0 * 1000.0;

/// The worth of a text written at `at`, for somebody who looks at `now`. All its terms weigh the same, because all of
/// them are in all candidates.
pub(super) fn score(terms: &Terms, words: &[Word], at: UnixMillis, now: UnixMillis) -> f64 {
    let count = |term: &String| words.iter().filter(|word| word.folded == *term).count();
    #[expect(clippy::cast_precision_loss, reason = "texts are far shorter than 2^52")]
    let weight = |count: usize| {
        let length = 1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * words.len() as f64 / USUAL_LENGTH;
        let count = count as f64;
        count * (SATURATION + 1.0) / (count + SATURATION * length)
    };
    let said: f64 = terms.folded().iter().map(count).map(weight).sum();
    let together = terms.folded().len() > 1
        && words.windows(terms.folded().len()).any(|part| {
            part.iter().map(|word| word.folded.as_str()).eq(terms.folded().iter().map(String::as_str))
        });
    #[expect(clippy::cast_precision_loss, reason = "ages are far below 2^52 milliseconds")]
    let age_days = now.saturating_sub(at) as f64 / DAY_MS;
    let recent = RECENT * 0.5_f64.powf(age_days / HALF_LIFE_DAYS);
    said + if together { TOGETHER } else { 0.0 } + recent
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn worth(question: &str, text: &str, age_days: u64) -> f64 {
        let terms = Terms::of(question).expect("terms");
        let now = 1_700_000_000_000;
        score(&terms, &words(text), now - age_days * 86_400_000, now)
    }

    #[test]
    fn what_says_more_of_it_in_fewer_words_and_lately_is_better() {
        let long = "a refund is what I would like to have, please, when you find the time for it, thank you very much";
        assert!(worth("refund", "refund please", 1) > worth("refund", long, 1));
        assert!(worth("refund", "refund, I said refund", 1) > worth("refund", "please, I said refund", 1));
        assert!(worth("refund", "refund please", 1) > worth("refund", "refund please", 90));
        assert!(worth("late parcel", "my late parcel", 1) > worth("late parcel", "parcel my late", 1));
        assert!(worth("late parcel", "my late parcel", 300) > worth("late parcel", "parcel far too late", 0));
    }
}
