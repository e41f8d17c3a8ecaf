//! What a frame costs: reading what a client writes, writing what it is told, and putting a header before stored bytes.

#![expect(missing_docs, reason = "the library's macro makes public functions without any")]

use std::hint::black_box;

use confab_protocol::codec::{decode_entry, encode_entry};
use confab_protocol::{
    Author, Body, Channel, ClientFrame, ClientId, Codec, ConversationId, Entry, Role, UserId,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const TEXT: &str =
    "Hello, my payment has been stuck since yesterday. Could you please have a look at it for me?";

fn channel() -> Channel {
    Channel::Conversation(ConversationId::parse("0199c5f0-8d2e-7000-8000-000000000001").expect("an id"))
}

fn entry() -> Entry {
    let id = UserId::parse("c-0199c5f0-8d2e-7000-8000-000000000002").expect("an id");
    let author = Author { id: Some(id), name: "Mohan".to_owned(), role: Some(Role::Customer) };
    let body = Body::Text { text: TEXT.to_owned() };
    Entry { id: "0199c5f0-8d2e-7000-8000-000000000003".to_owned(), author, at: 1_760_000_000_000, body }
}

fn send() -> ClientFrame {
    let client_id = ClientId::parse("0199c5f0-8d2e-7000-8000-000000000003").expect("an id");
    ClientFrame::Send { channel: channel(), client_id, text: TEXT.to_owned(), known: Some(41) }
}

fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::MessagePack => "MessagePack",
        Codec::Json => "JSON",
    }
}

fn frames(criterion: &mut Criterion) {
    let stored = encode_entry(&entry());
    let mut group = criterion.benchmark_group("frames");
    group.throughput(Throughput::Elements(1));
    for codec in Codec::ALL {
        let (sent, channel) = (codec.encode_client(&send()), channel());
        let delivery = codec.delivery(&channel, 42, 41, &stored).expect("a stored entry");
        group.bench_function(BenchmarkId::new("read a send", name(codec)), |bencher| {
            bencher.iter(|| codec.decode_client(black_box(&sent)).expect("a frame"));
        });
        group.bench_function(BenchmarkId::new("write a delivery", name(codec)), |bencher| {
            bencher.iter(|| codec.delivery(&channel, 42, 41, black_box(&stored)).expect("a stored entry"));
        });
        group.bench_function(BenchmarkId::new("read a delivery", name(codec)), |bencher| {
            bencher.iter(|| codec.decode_server(black_box(&delivery)).expect("a frame"));
        });
    }
    let entry = entry();
    group.bench_function("write an entry", |bencher| bencher.iter(|| encode_entry(black_box(&entry))));
    group.bench_function("read an entry", |bencher| {
        bencher.iter(|| decode_entry(black_box(&stored)).expect("an entry"));
    });
    group.finish();
}

criterion_group!(benches, frames);
criterion_main!(benches);
