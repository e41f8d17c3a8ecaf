//! A reader of server-sent events, as far as the hub uses them: ids, data, comments.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use confab_client::HttpClient;
use confab_protocol::{Codec, ServerFrame};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use reqwest::Method;

use confab_testkit::wait::SOON;

/// An open stream.
pub struct EventSource {
    chunks: BoxStream<'static, reqwest::Result<Bytes>>,
    text: String,
    frames: VecDeque<ServerFrame>,
    last_id: Option<String>,
}

impl EventSource {
    /// Follows the channels that `query` joins, after the position in `last_id`.
    ///
    /// # Panics
    /// When the hub refuses.
    pub async fn open(http: &HttpClient, query: &str, last_id: Option<&str>) -> Self {
        let mut request = http.request(Method::GET, &format!("/api/events?{query}"));
        request = request.timeout(Duration::from_mins(10));
        if let Some(id) = last_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = request.send().await.expect("the hub answers");
        assert!(response.status().is_success(), "{}: {:?}", response.status(), response.text().await);
        let chunks = response.bytes_stream().boxed();
        Self { chunks, text: String::new(), frames: VecDeque::new(), last_id: last_id.map(str::to_owned) }
    }

    /// Where the stream stands: what a browser gives back when it reconnects.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// The next frame; `None` at the end of the stream.
    ///
    /// # Panics
    /// When there is neither for long, or what comes can't be read.
    pub async fn next(&mut self) -> Option<ServerFrame> {
        while self.frames.is_empty() {
            let chunk = tokio::time::timeout(SOON, self.chunks.next()).await.expect("the hub sends events");
            let chunk = chunk?.ok()?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("events are UTF-8"));
            self.split();
        }
        self.frames.pop_front()
    }

    /// The first frame to come that `pick` takes.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn find<T>(&mut self, mut pick: impl FnMut(ServerFrame) -> Option<T>) -> T {
        loop {
            let frame = self.next().await.expect("the stream goes on");
            if let Some(found) = pick(frame) {
                return found;
            }
        }
    }

    fn split(&mut self) {
        while let Some((event, rest)) = self.text.split_once("\n\n") {
            for line in event.lines() {
                if let Some(id) = line.strip_prefix("id: ") {
                    self.last_id = Some(id.to_owned());
                } else if let Some(data) = line.strip_prefix("data: ") {
                    let frame = Codec::Json.decode_server(data.as_bytes()).expect("events hold frames");
                    self.frames.push_back(frame);
                }
            }
            self.text = rest.to_owned();
        }
    }
}
