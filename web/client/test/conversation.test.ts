// A conversation as a screen shows it.
import type { HistoryItem, Member } from "@confab/protocol";
import { expect, test } from "vitest";
import { type Client, Conversation, type ConversationOptions } from "../src/index";
import { entry, type FakeConnection, type FakeServer } from "./fake_server";
import { connect, fakeHub, until } from "./setup";

const ME: Member = { id: "mohan", name: "Mohan", role: "customer" };
const SAM: Member = { id: "sam", name: "Sam", role: "agent" };

async function open(
  options: Partial<ConversationOptions> = {},
): Promise<{ hub: FakeServer; client: Client; connection: FakeConnection; conversation: Conversation }> {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const conversation = new Conversation(client, "c", { me: ME, from: "start", ...options });
  const connection = await hub.connection();
  await connection.welcome();
  return { hub, client, connection, conversation };
}

function lines(conversation: Conversation): string[] {
  return conversation.snapshot().messages.map(({ body, state, mine }) => {
    const text = "text" in body ? body.text : body.kind;
    return mine ? `${text} (${state})` : text;
  });
}

test("a message goes from sending to read, in one place of the list", async () => {
  const { connection, conversation } = await open();
  await connection.joined(4);
  connection.entry(4, 0, "hi");
  const id = conversation.send("help");
  const key = conversation.snapshot().messages.at(-1)?.key;
  await until("the entry", () => lines(conversation).length === 2);
  expect(lines(conversation)).toEqual(["hi", "help (sending)"]);
  connection.ack(await connection.expect("send"), 6);
  await until("sent", () => lines(conversation)[1] === "help (sent)");
  connection.entry(6, 4, "help", { id, author: ME });
  const receipt = { kind: "receipt" as const, user_id: "sam", delivered: 6, read: 0 };
  connection.send({ t: "event", channel: "conv.c", event: receipt });
  await until("delivered", () => lines(conversation)[1] === "help (delivered)");
  connection.send({ t: "event", channel: "conv.c", event: { ...receipt, read: 6 } });
  await until("read", () => lines(conversation)[1] === "help (read)");
  expect(lines(conversation)).toHaveLength(2);
  expect(conversation.snapshot().messages[1]?.key).toBe(key);
});

test("only the customer's receipts count for an agent", async () => {
  const { connection, conversation } = await open({ me: SAM, peer: "mohan" });
  await connection.joined(4);
  connection.entry(4, 0, "hello", { author: SAM });
  const receipt = { kind: "receipt" as const, delivered: 4, read: 4 };
  connection.send({ t: "event", channel: "conv.c", event: { ...receipt, user_id: "ram" } });
  await until("the entry", () => lines(conversation).length === 1);
  expect(lines(conversation)).toEqual(["hello (sent)"]);
  connection.send({ t: "event", channel: "conv.c", event: { ...receipt, user_id: "mohan" } });
  await until("read", () => lines(conversation)[0] === "hello (read)");
});

test("history comes first, older pages on demand, live entries after", async () => {
  const item = (seq: number, text: string, epoch = "e1"): HistoryItem => ({
    seq,
    epoch,
    entry: entry(`m-${seq}`, text),
  });
  const hub = await fakeHub();
  hub.on("GET /api/conversations/c/messages", ({ url }) =>
    url.searchParams.get("before") === "p1"
      ? { items: [item(90, "oldest", "e0"), item(2, "old")], epoch: "e1", receipts: [] }
      : {
          items: [item(5, "new"), item(8, "newer")],
          before: "p1",
          epoch: "e1",
          receipts: [{ user_id: "mohan", read: 5 }],
        },
  );
  const client = connect(hub.url);
  const conversation = new Conversation(client, "c", { me: ME });
  const connection = await hub.connection();
  await connection.welcome();
  expect(await connection.joined(8)).toMatchObject({ after: 8, epoch: "e1" });
  connection.entry(9, 8, "newest");
  await until("live", () => lines(conversation).length === 3);
  expect(conversation.snapshot()).toMatchObject({ hasOlder: true, unread: 2, phase: "ready" });
  await conversation.loadOlder();
  expect(lines(conversation)).toEqual(["oldest", "old", "new", "newer", "newest"]);
  expect(conversation.snapshot().hasOlder).toBe(false);
  conversation.markRead();
  expect(conversation.snapshot().unread).toBe(0);
  expect(await connection.expect("receipt")).toMatchObject({ delivered: 9, read: 9 });
});

test("typing shows, ends with a message, and lapses by itself", async () => {
  const { connection, conversation } = await open();
  await connection.joined(0);
  const start = (expires_ms: number) =>
    connection.send({
      t: "event",
      channel: "conv.c",
      event: { kind: "TYPING_START", member: SAM, expires_ms },
    });
  start(60_000);
  await until("typing", () => conversation.snapshot().typing[0]?.name === "Sam");
  connection.entry(1, 0, "here I am");
  await until("no longer", () => conversation.snapshot().typing.length === 0);
  start(50);
  await until("typing again", () => conversation.snapshot().typing.length === 1);
  await until("lapsed", () => conversation.snapshot().typing.length === 0);
});

test("one's own typing is told once in a while, and its end at once", async () => {
  const { connection, conversation, client } = await open();
  await connection.joined(0);
  await until("ready", () => conversation.snapshot().phase === "ready");
  for (const text of ["h", "he", "hel"]) conversation.typed(text);
  await connection.expect("TYPING_START");
  conversation.send("hello");
  await connection.expect("TYPING_STOP");
  expect(connection.count("TYPING_START")).toBe(0);
  expect(client.pending("conv.c")).toHaveLength(1);
});

test("people come, look and go, through whichever node", async () => {
  const { connection, conversation } = await open();
  const join = await connection.expect("join");
  connection.send({
    t: "joined",
    ref: join.ref ?? 0,
    channel: "conv.c",
    epoch: "e",
    head: 0,
    members: [ME, SAM],
  });
  await until("sam", () => conversation.snapshot().present.length === 1);
  const tell = (event: { kind: "USER_ONLINE"; viewing: boolean } | { kind: "USER_OFFLINE" }, node: string) =>
    connection.send({ t: "event", channel: "conv.c", event: { member: SAM, node, ...event } });
  tell({ kind: "USER_ONLINE", viewing: true }, "n1");
  tell({ kind: "USER_ONLINE", viewing: false }, "n2");
  await until("viewing", () => conversation.snapshot().present[0]?.viewing === true);
  tell({ kind: "USER_OFFLINE" }, "n1");
  await until("not viewing", () => conversation.snapshot().present[0]?.viewing === false);
  tell({ kind: "USER_OFFLINE" }, "n2");
  await until("gone", () => conversation.snapshot().present.length === 0);
});

test("an end is an end until it is reopened", async () => {
  const { connection, conversation } = await open();
  await connection.joined(0);
  connection.entry(1, 0, "", {
    author: { name: "system" },
    body: { kind: "chat_ended", conversation_id: "c", by: SAM },
  });
  await until("ended", () => conversation.snapshot().ended);
  const body = { kind: "SYSTEM" as const, event: "CONVERSATION_REOPENED" as const, text: "again" };
  connection.entry(2, 1, "", { author: { name: "system" }, body });
  await until("going on", () => !conversation.snapshot().ended);
});

test("notes stand among the messages of agents", async () => {
  const { connection, conversation } = await open({ me: SAM, notes: true });
  await connection.joined(4);
  await connection.joined(5);
  connection.entry(4, 0, "hello");
  const note = { ...entry("n-1", ""), body: { kind: "NOTE" as const, text: "careful" } };
  connection.send({ t: "entry", channel: "conv.c.notes", seq: 5, prev: 0, entry: note });
  conversation.send("mine", true);
  const send = await connection.expect("send");
  expect(send.channel).toBe("conv.c.notes");
  await until("all", () => lines(conversation).length === 3);
  expect(lines(conversation)).toEqual(["hello (sent)", "careful (sent)", "mine (sending)"]);
});

test("a snapshot is the same until something changes", async () => {
  const { connection, conversation } = await open();
  await connection.joined(0);
  await until("ready", () => conversation.snapshot().phase === "ready");
  const before = conversation.snapshot();
  expect(conversation.snapshot()).toBe(before);
  let told = 0;
  conversation.subscribe(() => told++);
  connection.entry(1, 0, "hi");
  await until("told", () => told > 0);
  expect(conversation.snapshot()).not.toBe(before);
});
