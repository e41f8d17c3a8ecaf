//! Lines of standard input: messages, and commands that begin with a slash.

use anyhow::Result;
use confab_protocol::api::Availability;
use tokio::io::{AsyncBufReadExt as _, BufReader, Stdin, stdin};

/// What the person typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// A message.
    Text(String),
    /// Something to do.
    Command(Command),
    /// The end.
    Quit,
    /// A command that does not exist, or lacks something; with what to do.
    Unknown(String),
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Help,
    Close,
    Reopen,
    Accept(String),
    Transfer { to: String, note: Option<String> },
    Note(String),
    History,
    Queue,
    Who,
    Typing,
    Use(String),
    Availability(Availability),
}

/// What `/help` shows.
pub(super) const HELP: [&str; 13] = [
    "/close                     end the conversation",
    "/reopen                    go on with it",
    "/history                   what was said, from the database",
    "/queue                     your place in the queue; agents: who waits",
    "/who                       who is here",
    "/typing                    show that you type",
    "/accept <conversation>     agents: take a waiting conversation (its last characters are enough)",
    "/use <conversation>        agents: write in this one of your conversations",
    "/transfer <agent> [note]   agents: hand it to a colleague; team:<name> for a team",
    "/note <text>               agents: a note that the customer does not see",
    "/online /away /offline     agents: whether you take conversations",
    "//text                     a message that begins with a slash",
    "/quit                      leave",
];

/// Reads one line's meaning.
pub(super) fn parse(line: &str) -> Option<Input> {
    let line = line.trim();
    if line.is_empty() {
        return None;
    }
    if let Some(text) = line.strip_prefix("//") {
        return Some(Input::Text(format!("/{text}")));
    }
    let Some(command) = line.strip_prefix('/') else {
        return Some(Input::Text(line.to_owned()));
    };
    let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = rest.trim();
    let with = |what: &str, make: fn(String) -> Command| {
        if rest.is_empty() {
            Input::Unknown(format!("/{name} needs {what}"))
        } else {
            Input::Command(make(rest.to_owned()))
        }
    };
    Some(match name {
        "quit" | "q" => Input::Quit,
        "help" | "h" => Input::Command(Command::Help),
        "close" => Input::Command(Command::Close),
        "reopen" => Input::Command(Command::Reopen),
        "history" => Input::Command(Command::History),
        "queue" => Input::Command(Command::Queue),
        "who" => Input::Command(Command::Who),
        "typing" => Input::Command(Command::Typing),
        "accept" => with("a conversation", Command::Accept),
        "use" => with("a conversation", Command::Use),
        "note" => with("a text", Command::Note),
        "transfer" => with("an agent or team:<name>", transfer),
        "online" => Input::Command(Command::Availability(Availability::Online)),
        "away" => Input::Command(Command::Availability(Availability::Away)),
        "busy" => Input::Command(Command::Availability(Availability::Busy)),
        "offline" => Input::Command(Command::Availability(Availability::Offline)),
        _ => Input::Unknown(format!("there is no /{name}; /help lists the commands")),
    })
}

fn transfer(rest: String) -> Command {
    match rest.split_once(char::is_whitespace) {
        Some((to, note)) => Command::Transfer { to: to.to_owned(), note: Some(note.trim().to_owned()) },
        None => Command::Transfer { to: rest, note: None },
    }
}

/// Standard input, unless a script speaks instead.
pub(super) struct Lines(Option<tokio::io::Lines<BufReader<Stdin>>>);

impl Lines {
    pub(super) fn new(read: bool) -> Self {
        Self(read.then(|| BufReader::new(stdin()).lines()))
    }

    /// The next input; `None` at the end. Never anything in a script. Safe to cancel.
    pub(super) async fn next(&mut self) -> Result<Option<Input>> {
        let Some(lines) = &mut self.0 else { return std::future::pending().await };
        while let Some(line) = lines.next_line().await? {
            if let Some(input) = parse(&line) {
                return Ok(Some(input));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("hello there ", Input::Text("hello there".into()))]
    #[case("//not a command", Input::Text("/not a command".into()))]
    #[case("/close", Input::Command(Command::Close))]
    #[case("/accept  c-1 ", Input::Command(Command::Accept("c-1".into())))]
    #[case("/note look at this", Input::Command(Command::Note("look at this".into())))]
    #[case("/transfer ram", Input::Command(Command::Transfer { to: "ram".into(), note: None }))]
    #[case(
        "/transfer team:billing knows more",
        Input::Command(Command::Transfer { to: "team:billing".into(), note: Some("knows more".into()) })
    )]
    #[case("/away", Input::Command(Command::Availability(Availability::Away)))]
    #[case("/quit", Input::Quit)]
    fn lines_mean_something(#[case] line: &str, #[case] input: Input) {
        assert_eq!(parse(line), Some(input));
    }

    #[rstest]
    #[case("/dance")]
    #[case("/accept")]
    #[case("/note ")]
    fn a_command_that_is_not_understood_is_no_message(#[case] line: &str) {
        assert!(matches!(parse(line), Some(Input::Unknown(_))));
    }

    #[test]
    fn empty_lines_are_nothing() {
        assert_eq!(parse("  "), None);
    }
}
