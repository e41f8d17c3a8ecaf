//! What a hub says when it is up: where to go and how to log in.

use std::fmt::Write as _;

use crate::demo;

/// What is told.
#[derive(Debug, Clone)]
pub(crate) struct Banner {
    /// How this machine reaches it.
    pub(crate) local_url: String,
    /// What browsers use, when it is another URL.
    pub(crate) public_url: Option<String>,
    /// The data directory.
    pub(crate) data: String,
    /// How NATS is reached.
    pub(crate) nats: String,
    /// Whether there is demo data.
    pub(crate) demo: bool,
}

impl Banner {
    /// The text, for people.
    pub(crate) fn text(&self) -> String {
        let local = &self.local_url;
        let url = self.public_url.as_deref().unwrap_or(local).trim_end_matches('/');
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            writeln!(text, "  {name:<10} {value}").expect("writing to a String does not fail");
        };
        line("hub", url);
        line("console", &format!("{url}/console/"));
        line("widget", &format!("{url}/demo"));
        line("test page", &format!("{url}/test"));
        line("API", &format!("{url}/docs"));
        line("WebSocket", &format!("{}/ws", url.replacen("http", "ws", 1)));
        line("metrics", &format!("{url}/metrics"));
        line("data", &self.data);
        line("NATS", &self.nats);
        let people = if self.demo { people(local) } else { String::new() };
        format!("\nConfab {} is up.\n\n{text}{people}\nCtrl-C stops it.\n", env!("CARGO_PKG_VERSION"))
    }
}

fn people(url: &str) -> String {
    let mut text = format!(
        "\nDemo data, with passwords that everybody knows: for this machine only.\n\n  tenant     {}\n",
        demo::TENANT
    );
    for person in demo::PEOPLE {
        let role = person.role.as_str();
        writeln!(text, "  {role:<10} login {:<6} password {}", person.login, demo::PASSWORD)
            .expect("writing to a String does not fail");
    }
    let program = std::env::args().next().unwrap_or_else(|| "confab".to_owned());
    write!(
        text,
        "\nTry it in two more terminals, first the agent, then the customer:\n\n  \
         {program} chat --url {url} --tenant {tenant} --as sam\n  \
         {program} chat --url {url} --tenant {tenant} --as mohan\n",
        tenant = demo::TENANT,
    )
    .expect("writing to a String does not fail");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_places_and_the_people() {
        let banner = Banner {
            local_url: "http://127.0.0.1:8480".into(),
            public_url: Some("https://chat.example/".into()),
            data: "data".into(),
            nats: "nats://127.0.0.1:4280".into(),
            demo: true,
        };
        let text = banner.text();
        for part in ["https://chat.example/test", "wss://chat.example/ws", "--as mohan", "confab-demo"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        let plain = Banner { demo: false, ..banner }.text();
        assert!(!plain.contains("confab-demo"), "{plain}");
    }
}
