//! A server that takes e-mail by SMTP, or refuses it in the ways that servers do; and what arrived, read in Python.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use confab_testkit::wait::{self, SOON};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

#[derive(Debug, Default)]
struct Inner {
    /// Receivers that there are not.
    unknown: Vec<String>,
    /// Connections that are sent away with 421 before one is served.
    busy: usize,
    /// Connections so far.
    connections: usize,
    /// Where the next connection is left without an answer.
    hold: Option<Hold>,
    /// Connections that were left so.
    held: usize,
    arrived: Vec<(String, String)>,
}

/// Where a server leaves a client without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Before it has the e-mail.
    BeforeData,
    /// When it has it.
    AfterData,
}

/// A server of somebody else's.
#[derive(Debug, Clone, Default)]
pub struct Mailbox(Arc<Mutex<Inner>>);

impl Mailbox {
    /// Starts it; the second is its URL.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start() -> (Self, String) {
        let mailbox = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("an address"));
        let tasks = TaskTracker::new();
        let serving = mailbox.clone();
        let tracker = tasks.clone();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tracker.spawn(async move { serving.serve(stream).await });
            }
        });
        (mailbox, url)
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().expect("not poisoned")
    }

    /// From now on there is no such receiver.
    pub fn knows_nobody_called(&self, address: &str) {
        self.inner().unknown.push(address.to_owned());
    }

    /// The next connection that comes so far is left without an answer.
    pub fn holds(&self, hold: Hold) {
        self.inner().hold = Some(hold);
    }

    /// How many connections were left without an answer.
    pub fn held(&self) -> usize {
        self.inner().held
    }

    /// The next connections are sent away.
    pub fn is_busy_for(&self, connections: usize) {
        self.inner().busy = connections;
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.inner().connections
    }

    /// Receiver and content of each e-mail, in the order of arrival.
    pub fn arrived(&self) -> Vec<(String, String)> {
        self.inner().arrived.clone()
    }

    /// Waits for so many e-mails.
    ///
    /// # Panics
    /// When there are fewer or more.
    pub async fn gets(&self, count: usize) -> Vec<Mail> {
        wait::until("e-mail arrives", SOON, || async { self.arrived().len() >= count }).await;
        let arrived = self.arrived();
        assert_eq!(arrived.len(), count, "{arrived:?}");
        arrived.iter().map(|(to, raw)| Mail::read(to, raw)).collect()
    }

    /// Whether the connection that has come so far is to be left.
    fn leaves_at(&self, here: Hold) -> bool {
        let mut inner = self.inner();
        let leaves = inner.hold == Some(here);
        if leaves {
            inner.hold = None;
            inner.held += 1;
        }
        leaves
    }

    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let is_busy = {
            let mut inner = self.inner();
            inner.connections += 1;
            let is_busy = inner.busy > 0;
            inner.busy = inner.busy.saturating_sub(1);
            is_busy
        };
        if is_busy {
            return write.write_all(b"421 come back later\r\n").await.ok();
        }
        write.write_all(b"220 mail.test ESMTP\r\n").await.ok()?;
        let mut to = String::new();
        loop {
            let line = lines.next_line().await.ok()??;
            let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 SIZE 1000000".to_owned(),
                "MAIL" => "250 ok".to_owned(),
                "RCPT" => {
                    to = line.split(['<', '>']).nth(1)?.to_owned();
                    let is_unknown = self.inner().unknown.contains(&to);
                    if is_unknown { "550 5.1.1 no such user".to_owned() } else { "250 ok".to_owned() }
                }
                "DATA" if self.leaves_at(Hold::BeforeData) => return quiet(&mut lines).await,
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await.ok()?;
                    let mut content = String::new();
                    loop {
                        let line = lines.next_line().await.ok()??;
                        if line == "." {
                            break;
                        }
                        content.push_str(line.strip_prefix('.').unwrap_or(&line));
                        content.push_str("\r\n");
                    }
                    self.inner().arrived.push((to.clone(), content));
                    if self.leaves_at(Hold::AfterData) {
                        return quiet(&mut lines).await;
                    }
                    "250 taken".to_owned()
                }
                "QUIT" => return write.write_all(b"221 farewell\r\n").await.ok(),
                _ => "502 what?".to_owned(),
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        }
    }
}

/// Says nothing until the client is gone.
async fn quiet(lines: &mut Lines<BufReader<OwnedReadHalf>>) -> Option<()> {
    while lines.next_line().await.ok()?.is_some() {}
    None
}

/// Takes an e-mail apart, as a mail program does.
const READER: &str = "import sys, json, email, email.policy\n\
    m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)\n\
    part = lambda kind: m.get_body((kind,)).get_content()\n\
    print(json.dumps({'headers': {k.lower(): str(v) for k, v in m.items()},\n\
    'text': part('plain'), 'html': part('html'), 'defects': [str(d) for d in m.defects]}))\n";

/// An e-mail as its receiver sees it.
#[derive(Debug)]
pub struct Mail {
    /// Its receiver.
    pub to: String,
    read: Value,
}

impl Mail {
    fn read(to: &str, raw: &str) -> Self {
        let python = std::env::var_os("CONFAB_PYTHON").unwrap_or_else(|| "python3".into());
        let mut reader = Command::new(python)
            .args(["-c", READER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        reader.stdin.take().expect("its input").write_all(raw.as_bytes()).expect("it reads");
        let output = reader.wait_with_output().expect("it ends");
        let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(read["defects"], serde_json::json!([]), "{raw}");
        Self { to: to.to_owned(), read }
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.read["headers"][name].as_str().unwrap_or_default()
    }

    /// The part for readers without HTML.
    ///
    /// # Panics
    /// When there is none.
    pub fn text(&self) -> &str {
        self.read["text"].as_str().expect("text")
    }

    /// The part that is HTML.
    ///
    /// # Panics
    /// When there is none.
    pub fn html(&self) -> &str {
        self.read["html"].as_str().expect("HTML")
    }

    /// The link that ends e-mail of its kind.
    pub fn unsubscribe(&self) -> &str {
        self.header("list-unsubscribe").trim_matches(['<', '>'])
    }
}
