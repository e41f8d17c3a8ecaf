//! What it costs an edge to hand one stored entry to all followers of a room, each with an outbox of its own.

#![expect(missing_docs, reason = "the library's macro makes public functions without any")]

use confab_edge::measured::Fanout;
use confab_protocol::codec::encode_entry;
use confab_protocol::{Author, Body, Channel, Codec, ConversationId, Entry, Role, UserId};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// The allocator of the binaries.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TEXT: &str =
    "Hello, my payment has been stuck since yesterday. Could you please have a look at it for me?";

fn stored() -> Vec<u8> {
    let id = UserId::parse("c-0199c5f0-8d2e-7000-8000-000000000002").expect("an id");
    let author = Author { id: Some(id), name: "Mohan".to_owned(), role: Some(Role::Customer) };
    let body = Body::Text { text: TEXT.to_owned() };
    encode_entry(&Entry { id: "m-1".to_owned(), author, at: 1_760_000_000_000, body })
}

fn fanout(criterion: &mut Criterion) {
    let channel = Channel::Conversation(ConversationId::parse("c-1").expect("an id"));
    let stored = stored();
    let mut group = criterion.benchmark_group("fanout");
    for followers in [2_usize, 100, 1000, 10_000] {
        group.throughput(Throughput::Elements(followers as u64));
        for (name, codecs) in [
            ("MessagePack", &[Codec::MessagePack][..]),
            ("MessagePack and JSON", &[Codec::MessagePack, Codec::Json][..]),
        ] {
            let mut room = Fanout::new(channel.clone(), codecs.iter().copied().cycle().take(followers));
            group.bench_function(BenchmarkId::new(name, followers), |bencher| {
                bencher.iter(|| assert_eq!(room.deliver(&stored), followers));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, fanout);
criterion_main!(benches);
