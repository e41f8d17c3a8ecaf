//! Automatic replies: what a tenant has set about them, with its secret, and which messages ask for a person.

use std::fmt;

use confab_protocol::api::{ReplyEndpoint, ReplySource, ResponderBody};
use serde::{Deserialize, Serialize};

/// Name of the setting in a tenant's database.
pub const SETTING: &str = "responder";

/// What a tenant has set, and the key of its endpoint, which is never shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderSettings {
    /// What admins see.
    pub body: ResponderBody,
    /// The key of the endpoint.
    #[serde(default)]
    pub key: Option<String>,
}

impl fmt::Debug for ResponderSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ResponderSettings").field("body", &self.body).finish_non_exhaustive()
    }
}

impl ResponderSettings {
    /// Whether there are automatic replies at all.
    pub fn is_on(&self) -> bool {
        self.body.source != ReplySource::Off
    }

    /// What admins see: whether there is a key, not which.
    pub fn view(&self) -> ResponderBody {
        let mut body = self.body.clone();
        if let Some(endpoint) = &mut body.endpoint {
            (endpoint.key, endpoint.has_key) = (None, self.key.is_some());
        }
        body
    }

    /// After an admin's edit. A key that is left out stays, unless the endpoint is another one: a key goes only to the
    /// place that it was given for.
    #[must_use]
    pub fn edited(&self, mut body: ResponderBody) -> Self {
        let place = |body: &ResponderBody| body.endpoint.as_ref().map(|endpoint| endpoint.url.clone());
        let stays = place(&self.body) == place(&body);
        let given = body.endpoint.as_mut().and_then(|endpoint: &mut ReplyEndpoint| {
            endpoint.has_key = false;
            endpoint.key.take()
        });
        let key = match given {
            Some(key) => Some(key).filter(|key| !key.is_empty()),
            None if stays => self.key.clone(),
            None => None,
        };
        Self { body, key }
    }

    /// Whether the text asks for a person: it has one of the words, or all words of one of the phrases in a row.
    pub fn asks_for_person(&self, text: &str) -> bool {
        let said = words(text);
        self.body
            .hand_over_words
            .iter()
            .map(|phrase| words(phrase))
            .any(|phrase| !phrase.is_empty() && said.windows(phrase.len()).any(|together| together == phrase))
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str, key: Option<&str>) -> ResponderBody {
        let endpoint = ReplyEndpoint {
            url: url.to_owned(),
            model: "m".to_owned(),
            key: key.map(str::to_owned),
            has_key: true,
            timeout_ms: 1000,
            system_prompt: String::new(),
            earlier_messages: 0,
        };
        ResponderBody { source: ReplySource::Endpoint, endpoint: Some(endpoint), ..ResponderBody::default() }
    }

    #[test]
    fn whole_words_and_phrases_ask_for_a_person() {
        let mut settings = ResponderSettings::default();
        settings.body.hand_over_words = vec!["human".into(), "Real Person".into(), "Mensch".into()];
        for text in ["HUMAN!", "May I talk to a human, please?", "a real  person", "ein Mensch bitte"] {
            assert!(settings.asks_for_person(text), "{text}");
        }
        for text in ["humanity", "a person, really", "", "real estate person"] {
            assert!(!settings.asks_for_person(text), "{text}");
        }
    }

    #[test]
    fn a_key_is_kept_hidden_and_goes_nowhere_else() {
        let set = ResponderSettings::default().edited(endpoint("https://a.example", Some("k")));
        assert_eq!(set.key.as_deref(), Some("k"));
        let view = set.view().endpoint.expect("an endpoint");
        assert_eq!((view.key, view.has_key), (None, true));
        assert_eq!(set.edited(endpoint("https://a.example", None)).key.as_deref(), Some("k"));
        assert_eq!(set.edited(endpoint("https://a.example", Some(""))).key, None);
        assert_eq!(set.edited(endpoint("https://b.example", None)).key, None);
        assert!(!format!("{set:?}").contains("\"k\""), "{set:?}");
    }
}
