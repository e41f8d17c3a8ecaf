//! The client's side of an SMTP dialogue: a command, its reply, and which replies mean what (RFC 5321, 4.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};

use super::super::mailer::MailError;

/// Longest line and most lines of a reply.
const MAX_LINE: u64 = 2048;
const MAX_LINES: usize = 100;

/// A server's reply.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reply {
    code: u16,
    lines: Vec<String>,
}

impl Reply {
    fn is_positive(&self) -> bool {
        (200..400).contains(&self.code)
    }

    fn text(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" "))
    }

    /// What it means where the receiver is concerned: a permanent failure is theirs.
    fn of_receiver(self) -> Result<(), MailError> {
        match self.code {
            200..400 => Ok(()),
            500..600 => Err(MailError::Refused(self.text())),
            _ => Err(MailError::Later(self.text())),
        }
    }
}

/// A connection to a server.
#[derive(Debug)]
pub(super) struct Dialogue<S> {
    stream: BufReader<S>,
    /// What the server said it can do.
    offers: Vec<String>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    /// Waits for the server's greeting.
    pub(super) async fn begin(stream: S) -> Result<Self, MailError> {
        let mut dialogue = Self::go_on(stream);
        dialogue.expect_reply().await?;
        Ok(dialogue)
    }

    /// Goes on where a dialogue was before it was encrypted: there is no second greeting.
    pub(super) fn go_on(stream: S) -> Self {
        Self { stream: BufReader::new(stream), offers: Vec::new() }
    }

    /// The connection itself, to be encrypted. What the server said too early, in the clear, is a fault.
    pub(super) fn into_stream(self) -> Result<S, MailError> {
        if self.stream.buffer().is_empty() {
            return Ok(self.stream.into_inner());
        }
        Err(MailError::later("the server went on in the clear"))
    }

    /// Says who the hub is and hears what the server can do.
    pub(super) async fn greet(&mut self, domain: &str) -> Result<(), MailError> {
        let reply = self.ask(&format!("EHLO {domain}")).await?;
        if !reply.is_positive() {
            return Err(MailError::Later(reply.text()));
        }
        self.offers = reply.lines.into_iter().skip(1).map(|line| line.to_ascii_uppercase()).collect();
        Ok(())
    }

    /// Whether the server can do something.
    pub(super) fn offers(&self, what: &str) -> bool {
        self.offers.iter().any(|offer| offer.split(' ').next() == Some(what))
    }

    /// Gives a command that has to be taken.
    pub(super) async fn command(&mut self, command: &str) -> Result<(), MailError> {
        let reply = self.ask(command).await?;
        if reply.is_positive() { Ok(()) } else { Err(MailError::Later(reply.text())) }
    }

    /// Logs in by whichever of the usual ways the server offers.
    pub(super) async fn log_in(&mut self, user: &str, password: &str) -> Result<(), MailError> {
        let ways = self.offers.iter().find(|offer| offer.starts_with("AUTH ")).cloned().unwrap_or_default();
        if !ways.split(' ').any(|way| way == "PLAIN") && ways.split(' ').any(|way| way == "LOGIN") {
            self.command("AUTH LOGIN").await?;
            self.command(&STANDARD.encode(user)).await?;
            return self.command(&STANDARD.encode(password)).await;
        }
        self.command(&format!("AUTH PLAIN {}", STANDARD.encode(format!("\0{user}\0{password}")))).await
    }

    /// Hands an e-mail over. Only what is said of the receiver and of the whole can be a refusal for good.
    pub(super) async fn send(&mut self, from: &str, to: &str, message: &[u8]) -> Result<(), MailError> {
        self.command(&format!("MAIL FROM:<{from}>")).await?;
        self.ask(&format!("RCPT TO:<{to}>")).await?.of_receiver()?;
        self.command("DATA").await?;
        self.write(&stuffed(message)).await?;
        self.reply().await?.of_receiver()
    }

    async fn ask(&mut self, command: &str) -> Result<Reply, MailError> {
        if command.contains(['\r', '\n']) {
            return Err(MailError::Refused("an address has a line end in it".to_owned()));
        }
        self.write(format!("{command}\r\n").as_bytes()).await?;
        self.reply().await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), MailError> {
        self.stream.write_all(bytes).await.map_err(MailError::later)?;
        self.stream.flush().await.map_err(MailError::later)
    }

    async fn expect_reply(&mut self) -> Result<(), MailError> {
        let reply = self.reply().await?;
        if reply.is_positive() { Ok(()) } else { Err(MailError::Later(reply.text())) }
    }

    async fn reply(&mut self) -> Result<Reply, MailError> {
        let strange = || MailError::later("the server does not speak SMTP");
        let mut lines = Vec::new();
        while lines.len() < MAX_LINES {
            let mut line = Vec::new();
            let mut limited = (&mut self.stream).take(MAX_LINE);
            limited.read_until(b'\n', &mut line).await.map_err(MailError::later)?;
            if !line.ends_with(b"\n") {
                return Err(MailError::later("the server broke off"));
            }
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let (code, rest) = line.split_at_checked(3).ok_or_else(strange)?;
            let code: u16 = code.parse().map_err(|_| strange())?;
            lines.push(rest.get(1..).unwrap_or_default().to_owned());
            if !rest.starts_with('-') {
                return Ok(Reply { code, lines });
            }
        }
        Err(strange())
    }
}

/// The message with the point that ends it, and none that does so before (RFC 5321, 4.5.2).
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(message.len() + 8);
    let mut begins_line = true;
    for &byte in message {
        if begins_line && byte == b'.' {
            stuffed.push(b'.');
        }
        stuffed.push(byte);
        begins_line = byte == b'\n';
    }
    if !begins_line {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed.extend_from_slice(b".\r\n");
    stuffed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_at_the_beginning_of_a_line_ends_nothing() {
        assert_eq!(stuffed(b"a\r\n.\r\n..b\r\nc"), b"a\r\n..\r\n...b\r\nc\r\n.\r\n");
        assert_eq!(stuffed(b""), b".\r\n");
    }

    #[tokio::test]
    async fn replies_of_several_lines_are_read_and_strange_ones_refused() {
        let read = async |said: &str| {
            let (ours, mut theirs) = tokio::io::duplex(4096);
            theirs.write_all(said.as_bytes()).await.expect("room");
            drop(theirs);
            let mut dialogue = Dialogue::go_on(ours);
            dialogue.reply().await
        };
        let reply =
            read("250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n").await.expect("a reply");
        assert_eq!((reply.code, reply.lines.len()), (250, 3));
        for strange in ["", "25", "250 no end", "hello\r\n", "é\r\n"] {
            assert!(read(strange).await.is_err(), "{strange:?}");
        }
    }
}
