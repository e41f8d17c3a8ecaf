//! Answers from an endpoint that speaks the API of chat completions. It is a stranger: its time, the size of what it
//! says, and where it may be are limited.

use std::time::Duration;

use confab_domain::responder::ResponderSettings;
use confab_protocol::api::ReplyEndpoint;
use futures::future::BoxFuture;
use reqwest::{Client, Response};
use serde::{Deserialize, Serialize};

use super::responder::{Question, Reply, Responder, ResponderError, Said};
use confab_outward::is_allowed;

/// Largest answer that is read, in bytes.
const MAX_ANSWER: usize = 256 * 1024;
/// What the model says when it has no answer.
const HAND_OVER: &str = "[[HAND_OVER]]";
const INSTRUCTION: &str = "You answer customers of a support desk until a person is free. Answer in the customer's \
    language, in plain text, in a few sentences. If you are not sure of the answer, or the customer wants a person, \
    say [[HAND_OVER]] and nothing else.";

/// A tenant's endpoint.
#[derive(Debug)]
pub(super) struct Endpoint {
    client: Client,
    settings: ReplyEndpoint,
    key: Option<String>,
    private_too: bool,
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Completed,
}

#[derive(Deserialize)]
struct Completed {
    content: Option<String>,
}

impl Endpoint {
    /// `None` when the tenant has set no endpoint. `client` goes only where it may.
    pub(super) fn new(client: &Client, settings: &ResponderSettings, private_too: bool) -> Option<Self> {
        let (client, key) = (client.clone(), settings.key.clone());
        Some(Self { client, settings: settings.body.endpoint.clone()?, key, private_too })
    }

    async fn ask(&self, question: &Question) -> Result<Reply, ResponderError> {
        let url = format!("{}/v1/chat/completions", self.settings.url.trim_end_matches('/'));
        if !is_allowed(&url, self.private_too) {
            return Err(ResponderError::failed("the endpoint is at an address that is not public"));
        }
        let request = Request {
            model: &self.settings.model,
            messages: messages(&self.settings.system_prompt, &question.earlier, &question.text),
            stream: false,
        };
        let limit = Duration::from_millis(self.settings.timeout_ms);
        let mut post = self.client.post(url).timeout(limit).json(&request);
        if let Some(key) = &self.key {
            post = post.bearer_auth(key);
        }
        let response = post.send().await.map_err(|error| fault(&error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(ResponderError::failed(format!("the endpoint answered with status {status}")));
        }
        read(&bounded(response).await?)
    }
}

impl Responder for Endpoint {
    fn reply<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, ResponderError>> {
        Box::pin(self.ask(question))
    }
}

fn messages<'a>(prompt: &'a str, earlier: &'a [Said], text: &'a str) -> Vec<Message<'a>> {
    let mut messages = vec![Message { role: "system", content: INSTRUCTION }];
    if !prompt.trim().is_empty() {
        messages.push(Message { role: "system", content: prompt });
    }
    messages.extend(earlier.iter().map(|said| Message {
        role: if said.by_customer { "user" } else { "assistant" },
        content: &said.text,
    }));
    messages.push(Message { role: "user", content: text });
    messages
}

/// The library's own sentence names the URL; that it took too long is all that matters here.
fn fault(error: &reqwest::Error) -> ResponderError {
    if error.is_timeout() {
        return ResponderError::Timeout;
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    ResponderError::failed(cause)
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, ResponderError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(ResponderError::failed("the endpoint's answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn read(body: &[u8]) -> Result<Reply, ResponderError> {
    let completion: Completion = serde_json::from_slice(body)
        .map_err(|error| ResponderError::failed(format!("the endpoint's answer can't be read: {error}")))?;
    let first = completion.choices.into_iter().next().and_then(|choice| choice.message.content);
    let text = first.ok_or_else(|| ResponderError::failed("the endpoint's answer says nothing"))?;
    let text: String =
        text.chars().filter(|sign| !sign.is_control() || matches!(sign, '\n' | '\t')).collect();
    if text.trim().is_empty() || text.contains(HAND_OVER) {
        return Ok(Reply::Unsure);
    }
    Ok(Reply::Text(text.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_endpoint_says_is_read_with_distrust() {
        let said = |content: &str| {
            read(format!(r#"{{"choices":[{{"message":{{"content":{content}}}}}]}}"#).as_bytes())
        };
        assert_eq!(said(r#"" Five\u0007 days. ""#), Ok(Reply::Text("Five days.".into())));
        assert_eq!(said(r#""""#), Ok(Reply::Unsure));
        assert_eq!(said(r#""Well. [[HAND_OVER]]""#), Ok(Reply::Unsure));
        for wrong in ["null", "{}", "7"] {
            assert!(matches!(said(wrong), Err(ResponderError::Failed(_))), "{wrong}");
        }
        for wrong in [&b"{"[..], b"[]", b"<html>", br#"{"choices":[]}"#] {
            assert!(matches!(read(wrong), Err(ResponderError::Failed(_))));
        }
    }

    #[test]
    fn the_model_gets_its_job_the_history_and_the_question() {
        let earlier = [
            Said { by_customer: true, text: "Hello".into() },
            Said { by_customer: false, text: "Hello, too".into() },
        ];
        let messages = messages("Be kind.", &earlier, "How long?");
        let roles: Vec<_> = messages.iter().map(|message| message.role).collect();
        assert_eq!(roles, ["system", "system", "user", "assistant", "user"]);
        assert!(messages[0].content.contains(HAND_OVER) && messages[4].content == "How long?");
    }
}
