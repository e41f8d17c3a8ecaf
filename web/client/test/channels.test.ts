// Following channels: resume, repetitions, gaps, and what the log no longer has.
import type { Delivery, HistoryItem } from "@confab/protocol";
import { expect, test } from "vitest";
import type { Client, From } from "../src/index";
import { entry } from "./fake_server";
import { connect, fakeHub, until } from "./setup";

const CHANNEL = "conv.c";

function texts(client: Client, from: From = "start"): string[] {
  const seen: string[] = [];
  const text = ({ entry: { body } }: Pick<Delivery, "entry">) => ("text" in body ? body.text : body.kind);
  client.follow(
    CHANNEL,
    {
      entry: (delivery) => seen.push(text(delivery)),
      history: (items, fromTheStart) =>
        seen.push(...(fromTheStart ? ["from the start"] : []), ...items.map(text)),
    },
    from,
  );
  return seen;
}

function item(seq: number, epoch: string, text: string): HistoryItem {
  return { seq, epoch, note: false, entry: entry(`m-${seq}`, text) };
}

test("entries come in order, each once", async () => {
  const hub = await fakeHub();
  const seen = texts(connect(hub.url));
  const connection = await hub.connection();
  await connection.welcome();
  expect(await connection.joined(9)).toEqual({ t: "join", ref: 1, channel: CHANNEL, after: 0 });
  connection.entry(3, 0, "one");
  connection.entry(9, 3, "two");
  connection.entry(3, 0, "one");
  connection.entry(40, 9, "three");
  await until("three entries", () => seen.length >= 3);
  expect(seen).toEqual(["one", "two", "three"]);
});

test("a client that comes back says where it stood, and gets what it missed", async () => {
  const hub = await fakeHub();
  const seen = texts(connect(hub.url));
  const first = await hub.connection();
  await first.welcome();
  await first.joined(3);
  first.entry(3, 0, "one");
  await until("the first entry", () => seen.length === 1);
  first.drop();
  const second = await hub.connection();
  await second.welcome();
  expect(await second.joined(9)).toMatchObject({ after: 3, epoch: "e1" });
  second.entry(9, 3, "two");
  await until("the second entry", () => seen.length === 2);
  expect(seen).toEqual(["one", "two"]);
});

test("who asks for what is new stands at the head", async () => {
  const hub = await fakeHub();
  const seen = texts(connect(hub.url), "now");
  const first = await hub.connection();
  await first.welcome();
  const join = await first.joined(7);
  expect(join.after).toBeUndefined();
  first.drop();
  const second = await hub.connection();
  await second.welcome();
  expect(await second.joined(7)).toMatchObject({ after: 7, epoch: "e1" });
  second.entry(8, 7, "new");
  await until("the entry", () => seen.length === 1);
});

test("a gap is asked for once, and filled without holes or repetitions", async () => {
  const hub = await fakeHub();
  const seen = texts(connect(hub.url));
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(3);
  connection.entry(3, 0, "one");
  connection.entry(9, 5, "three");
  connection.entry(11, 9, "four");
  const join = await connection.joined(11);
  expect(join).toMatchObject({ after: 3, epoch: "e1" });
  connection.entry(5, 3, "two");
  connection.entry(9, 5, "three");
  connection.entry(11, 9, "four");
  await until("all four", () => seen.length >= 4);
  expect(seen).toEqual(["one", "two", "three", "four"]);
  expect(connection.count("join")).toBe(0);
});

test("what the log no longer has is read from the history", async () => {
  const hub = await fakeHub();
  const pages = [
    { items: [item(3, "e1", "one"), item(5, "e1", "two")], epoch: "e2", receipts: [] },
    { items: [item(8, "e1", "three"), item(2, "e2", "four")], before: "p", epoch: "e2", receipts: [] },
  ];
  hub.on("GET /api/conversations/c/messages", ({ url }) => pages[url.searchParams.get("before") ? 0 : 1]);
  const seen = texts(connect(hub.url));
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(3);
  connection.entry(3, 0, "one");
  await until("the first", () => seen.length === 1);
  connection.send({ t: "resync", channel: CHANNEL, epoch: "e2", ref: 0 });
  expect(await connection.joined(2, "e2")).toMatchObject({ after: 2, epoch: "e2" });
  connection.entry(7, 2, "five");
  await until("all", () => seen.length >= 5);
  expect(seen).toEqual(["one", "two", "three", "four", "five"]);
});

test("when the history doesn't reach back, it replaces what there is", async () => {
  const hub = await fakeHub();
  const page = { items: [item(80, "e2", "later"), item(90, "e2", "latest")], epoch: "e2", receipts: [] };
  hub.on("GET /api/conversations/c/messages", () => page);
  const seen = texts(connect(hub.url), { seq: 3, epoch: "e1" });
  const connection = await hub.connection();
  await connection.welcome();
  const join = await connection.expect("join");
  connection.send({ t: "resync", ref: join.ref ?? 0, channel: CHANNEL, epoch: "e2" });
  expect(await connection.joined(90, "e2")).toMatchObject({ after: 90, epoch: "e2" });
  await until("the history", () => seen.length >= 3);
  expect(seen).toEqual(["from the start", "later", "latest"]);
});

test("a personal channel that can't be resumed goes on from now, and says so", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  let resyncs = 0;
  client.follow("feed.user.demo.mohan", { resync: () => resyncs++ }, { seq: 4, epoch: "old" });
  const connection = await hub.connection();
  await connection.welcome();
  const join = await connection.expect("join");
  connection.send({ t: "resync", ref: join.ref ?? 0, channel: join.channel, epoch: "new" });
  expect((await connection.joined(70, "new")).after).toBeUndefined();
  await until("told", () => resyncs === 1);
});

test("a refused join is told, one that failed for now is repeated", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const refusals: string[] = [];
  client.follow(CHANNEL, { refused: (code) => refusals.push(code) });
  const connection = await hub.connection();
  await connection.welcome();
  const first = await connection.expect("join");
  connection.send({ t: "error", ref: first.ref ?? 0, code: "unavailable", message: "later" });
  const second = await connection.expect("join");
  connection.send({ t: "error", ref: second.ref ?? 0, code: "forbidden", message: "no" });
  await until("refused", () => refusals.length === 1);
  expect(refusals).toEqual(["forbidden"]);
});

test("a channel nobody listens to is left", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const one = client.follow(CHANNEL, {});
  const two = client.follow(CHANNEL, {});
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(0);
  one();
  expect(connection.count("leave")).toBe(0);
  two();
  expect(await connection.expect("leave")).toMatchObject({ channel: CHANNEL });
});

test("what arrived is receipted, what was read when the owner says so", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  texts(client);
  const connection = await hub.connection();
  await connection.welcome();
  await connection.joined(3);
  connection.entry(3, 0, "one");
  expect(await connection.expect("receipt")).toEqual({ t: "receipt", channel: CHANNEL, delivered: 3 });
  client.read(CHANNEL, 3);
  expect(await connection.expect("receipt")).toEqual({ t: "receipt", channel: CHANNEL, read: 3 });
});
