//! What the projector's writes cost, and what a page of history costs, in the embedded engine on disk with its indexes.

#![expect(missing_docs, reason = "the library's macro makes public functions without any")]

use std::iter::repeat_with;
use std::time::{Duration, Instant};

use confab_domain::TenantSettings;
use confab_protocol::{Author, Body, ConversationId, Entry, Role, TenantId, UserId};
use confab_store::{Store, StoreSettings, StoredEntry, TenantStore};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tracing::subscriber::NoSubscriber;

/// The allocator of the binaries.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EPOCH: &str = "01700000000000000000";
const CONVERSATIONS: u64 = 250;
/// Characters of a message, about.
const CHARACTERS: usize = 90;
/// Different words in all messages.
const WORDS: u64 = 4000;
/// Entries of one shard's log for one of a conversation's.
const STRIDE: u64 = 37;

/// A tenant on disk. The files go with it.
struct Bench {
    runtime: Runtime,
    tenant: TenantStore,
    seq: u64,
    random: Random,
    _files: TempDir,
}

/// The same numbers on every run: Knuth's generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// Few words are said often and many seldom.
    fn word(&mut self) -> String {
        let (one, other) = (self.below(WORDS), self.below(WORDS));
        let rank = one * other / WORDS;
        let letters = 2 + rank % 7;
        (0..=letters)
            .map(|place| char::from(b'a' + u8::try_from((rank >> place) % 26).unwrap_or(0)))
            .collect()
    }

    fn text(&mut self) -> String {
        let mut text = String::with_capacity(CHARACTERS + 16);
        while text.len() < CHARACTERS {
            text.push_str(&self.word());
            text.push(' ');
        }
        text
    }
}

impl Bench {
    fn new() -> Self {
        // As long as nobody listens to the engine's spans, it writes out each key for the older way of logging.
        let _ = tracing::subscriber::set_global_default(NoSubscriber::new());
        let runtime = Runtime::new().expect("a runtime");
        let files = tempfile::tempdir().expect("a folder");
        let tenant = runtime.block_on(async {
            let url = format!("surrealkv://{}", files.path().display());
            let store = Store::open(StoreSettings::at(url)).await.expect("the engine opens");
            store.migrate().await.expect("the schema is made");
            let id = TenantId::parse("bench").expect("an id");
            store.create_tenant(&id, "Bench", &TenantSettings::default()).await.expect("a tenant");
            store.tenant(&id).await.expect("the tenant")
        });
        Self { runtime, tenant, seq: 0, random: Random(1), _files: files }
    }

    fn message(&mut self, conversation: &str) -> StoredEntry {
        self.seq += 1;
        let seq = self.seq;
        let writer = if self.random.below(2) == 0 { "agent" } else { "customer" };
        let id = UserId::parse(format!("{writer}-{conversation}")).expect("an id");
        let author = Author { id: Some(id), name: "Somebody Else".to_owned(), role: Some(Role::Agent) };
        let body = Body::Text { text: self.random.text() };
        let entry = Entry { id: format!("0199c5f0-{seq:012x}"), author, at: 1_760_000_000_000 + seq, body };
        let conversation = ConversationId::parse(conversation).expect("an id");
        StoredEntry { conversation, note: false, epoch: EPOCH.to_owned(), seq, entry }
    }

    /// A piece of a shard's log.
    fn batch(&mut self, size: usize) -> Vec<StoredEntry> {
        repeat_with(|| {
            let conversation = self.random.below(CONVERSATIONS);
            self.message(&format!("0199c5f0-8d2e-7000-8000-{conversation:012}"))
        })
        .take(size)
        .collect()
    }

    fn write(&self, entries: &[StoredEntry]) {
        self.runtime.block_on(self.tenant.insert_entries(entries)).expect("the entries are written");
    }

    /// A conversation of this many entries, alone.
    fn conversation(&mut self, entries: u64) -> ConversationId {
        let name = format!("long-{entries}");
        let written: Vec<StoredEntry> = (0..entries)
            .map(|_| {
                self.seq += STRIDE;
                self.message(&name)
            })
            .collect();
        self.write(&written);
        ConversationId::parse(name).expect("an id")
    }
}

fn writes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("projector");
    group.sample_size(20).measurement_time(Duration::from_secs(6)).warm_up_time(Duration::from_secs(2));
    for size in [50, 250, 1000] {
        let mut bench = Bench::new();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("batch", size), |bencher| {
            bencher.iter_custom(|times| {
                let batches: Vec<_> = (0..times).map(|_| bench.batch(size)).collect();
                let began = Instant::now();
                for batch in &batches {
                    bench.write(batch);
                }
                began.elapsed()
            });
        });
    }
    group.finish();
}

fn pages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("history");
    group.sample_size(30).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_secs(1));
    for entries in [200, 20_000] {
        let mut bench = Bench::new();
        let id = bench.conversation(entries);
        let page = |before: Option<&str>| {
            let page = bench.runtime.block_on(bench.tenant.history(&id, before, 50, true)).expect("a page");
            assert_eq!(page.items.len(), 50);
            page.before
        };
        group.bench_function(BenchmarkId::new("newest page", entries), |bencher| {
            bencher.iter(|| page(None));
        });
        let second = page(None);
        group.bench_function(BenchmarkId::new("page before", entries), |bencher| {
            bencher.iter(|| page(second.as_deref()));
        });
    }
    group.finish();
}

criterion_group!(benches, writes, pages);
criterion_main!(benches);
