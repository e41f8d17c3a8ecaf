// What was written is stored once, whatever happens on the way.
import { expect, test } from "vitest";
import { type KeyValueStorage, MemoryStorage } from "../src/index";
import type { LockSource } from "../src/keeper";
import { Outbox } from "../src/outbox";
import { connect, fakeHub, until } from "./setup";

const CHANNEL = "conv.c";

/** Locks as browsers have them: exclusive by name, waited for in turn. */
function locks(): LockSource {
  const tails = new Map<string, Promise<unknown>>();
  return {
    request(name, { signal }, held) {
      const before = tails.get(name) ?? Promise.resolve();
      const turn = before.then(() => (signal?.aborted ? undefined : held({})));
      tails.set(
        name,
        turn.catch(() => {}),
      );
      return turn;
    },
  };
}

function kept(storage: KeyValueStorage): string[] {
  return storage
    .keys()
    .flatMap((key) => JSON.parse(storage.getItem(key) ?? "[]").map(({ text }: { text: string }) => text));
}

test("a message is kept until its acknowledgement, and goes once", async () => {
  const hub = await fakeHub();
  const storage = new MemoryStorage();
  const client = connect(hub.url, { storage, locks: null });
  const acked: number[] = [];
  client.on("acked", ({ seq }) => acked.push(seq));
  client.send(CHANNEL, "hello");
  expect(kept(storage)).toEqual(["hello"]);
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(4);
  const send = await connection.expect("send");
  expect(send).toMatchObject({ channel: CHANNEL, text: "hello" });
  expect(send.known).toBeUndefined();
  connection.ack(send, 5);
  await until("acknowledged", () => acked.length === 1);
  expect(client.pending(CHANNEL)).toEqual([]);
  expect(kept(storage)).toEqual([]);
});

test("after a lost connection it goes again under the same id, with what was known at the first try", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  client.send(CHANNEL, "hello");
  const first = await hub.connection();
  await first.welcome();
  await first.joined(4);
  const one = await first.expect("send");
  first.drop();
  const second = await hub.connection();
  await second.welcome();
  await second.joined(9);
  const two = await second.expect("send");
  expect(two).toEqual({ ...one, known: 4 });
  second.ack(two, 5, true);
  await until("acknowledged", () => client.pending(CHANNEL).length === 0);
});

test("messages go one after the other, in the order in which they were written", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  for (const text of ["one", "two", "three"]) client.send(CHANNEL, text);
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(0);
  const one = await connection.expect("send");
  expect(one.text).toBe("one");
  connection.send({
    t: "nack",
    channel: CHANNEL,
    client_id: one.client_id,
    code: "rate_limited",
    message: "",
    retry_after_ms: 100,
  });
  const again = await connection.expect("send");
  expect(again).toMatchObject({ client_id: one.client_id, known: 0 });
  connection.ack(again, 1);
  const two = await connection.expect("send");
  expect(two.text).toBe("two");
  connection.ack(two, 2);
  expect((await connection.expect("send")).text).toBe("three");
});

test("a message without an answer goes again after a while", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url, { ackLimitMs: 200 });
  client.send(CHANNEL, "hello");
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(4);
  const one = await connection.expect("send");
  expect(await connection.expect("send")).toEqual({ ...one, known: 4 });
});

test("the entry that comes back counts as the acknowledgement that was lost", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const { clientId } = client.send(CHANNEL, "hello");
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(4);
  await connection.expect("send");
  connection.entry(5, 4, "hello", { id: clientId, author: { id: "mohan", name: "Mohan", role: "customer" } });
  await until("stored", () => client.pending(CHANNEL).length === 0);
});

test("what a page left is sent by the next one, under the same id", async () => {
  const hub = await fakeHub();
  const storage = new MemoryStorage();
  const shared = locks();
  const first = connect(hub.url, { storage, locks: shared, scope: "mohan" });
  const { clientId } = first.send(CHANNEL, "written offline");
  first.stop();
  const second = connect(hub.url, { storage, locks: shared, scope: "mohan" });
  await until("taken over", () => second.pending(CHANNEL).length === 1);
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(7);
  const send = await connection.expect("send");
  expect(send).toMatchObject({ client_id: clientId, text: "written offline" });
  connection.ack(send, 8);
  await until("stored", () => kept(storage).length === 0);
});

test("pages that live side by side leave each other's messages alone", async () => {
  const hub = await fakeHub();
  const storage = new MemoryStorage();
  const shared = locks();
  const first = connect(hub.url, { storage, locks: shared });
  first.send(CHANNEL, "of the first");
  const second = connect(hub.url, { storage, locks: shared });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(second.pending(CHANNEL)).toEqual([]);
  first.stop();
  await until("taken over", () => second.pending(CHANNEL).length === 1);
});

test("messages of somebody else are left alone", async () => {
  const hub = await fakeHub();
  const storage = new MemoryStorage();
  const first = connect(hub.url, { storage, locks: null, scope: "mohan" });
  first.send(CHANNEL, "mohan's");
  first.stop();
  const second = connect(hub.url, { storage, locks: null, scope: "asha" });
  expect(second.pending(CHANNEL)).toEqual([]);
  expect(kept(storage)).toEqual(["mohan's"]);
});

test("a refused message waits for its author", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const refused: string[] = [];
  client.on("refused", ({ code }) => refused.push(code));
  const { clientId } = client.send(CHANNEL, "hello");
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(0);
  await connection.expect("send");
  connection.send({
    t: "nack",
    channel: CHANNEL,
    client_id: clientId,
    code: "conversation_closed",
    message: "over",
  });
  await until("refused", () => refused.length === 1);
  expect(client.pending(CHANNEL)).toMatchObject([{ refused: { code: "conversation_closed" } }]);
  client.retry(CHANNEL, clientId);
  await connection.joined(0);
  expect(await connection.expect("send")).toMatchObject({ client_id: clientId });
  connection.send({
    t: "nack",
    channel: CHANNEL,
    client_id: clientId,
    code: "conversation_closed",
    message: "over",
  });
  await until("refused again", () => refused.length === 2);
  client.discard(CHANNEL, clientId);
  expect(client.pending(CHANNEL)).toEqual([]);
});

test("a message that the hub would never take is refused here", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  client.send(CHANNEL, "x".repeat(101));
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(0);
  await until("refused", () => client.pending(CHANNEL)[0]?.refused?.code === "too_large");
  expect(connection.count("send")).toBe(0);
});

test("a log that began anew is searched from its beginning", () => {
  const outbox = new Outbox();
  outbox.push({ clientId: "a", channel: CHANNEL, text: "x", at: 0 });
  expect(outbox.next(0, () => 7)?.known).toBeUndefined();
  outbox.disconnected();
  outbox.epochChanged(CHANNEL);
  expect(outbox.next(0, () => 2)?.known).toBe(0);
});
