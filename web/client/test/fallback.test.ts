// Where WebSocket is blocked, the same client works over plain HTTP.
import { expect, test } from "vitest";
import { entry, type FakeServer, problem, Status } from "./fake_server";
import { connect, fakeHub, until } from "./setup";

const CHANNEL = "conv.c";

function overHttp(hub: FakeServer): URL[] {
  const streams: URL[] = [];
  hub.blocked = true;
  hub.on("GET /api/auth/me", () => ({ id: "mohan", tenant: "demo", name: "Mohan", role: "customer" }));
  hub.on("GET /api/events", ({ url, headers }) => {
    expect(headers.authorization).toBe("Bearer t-1");
    streams.push(url);
    return "stream";
  });
  return streams;
}

test("a blocked WebSocket is replaced by server-sent events and posts", async () => {
  const hub = await fakeHub();
  const streams = overHttp(hub);
  const posts: unknown[] = [];
  hub.on("POST /api/conversations/c/messages", ({ body }) => {
    posts.push(body);
    return posts.length === 1 ? problem(503, "unavailable") : new Status(201, { seq: 6, duplicate: false });
  });
  const receipts: unknown[] = [];
  hub.on("POST /api/conversations/c/read", ({ body }) => {
    receipts.push(body);
    return new Status(204, undefined);
  });
  const client = connect(hub.url);
  const seen: string[] = [];
  client.follow(CHANNEL, { entry: (delivery) => seen.push(delivery.entry.id) }, "start");
  client.send(CHANNEL, "hello");
  await until("connected", () => client.state.status === "connected");
  expect(client.state).toMatchObject({ transport: "sse", welcome: { feed: "feed.user.demo.mohan" } });
  await until("the stream", () => streams.length === 1);
  expect(streams[0]?.search).toBe("?join=conv.c~~0");
  hub.event({ t: "joined", channel: CHANNEL, epoch: "e1", head: 5 });
  hub.event({ t: "entry", channel: CHANNEL, seq: 5, prev: 0, entry: entry("m-5", "one") });
  await until("the entry and the message", () => seen.length === 1 && client.pending(CHANNEL).length === 0);
  expect(posts).toMatchObject([
    { text: "hello", note: false },
    { text: "hello", known: expect.any(Number) },
  ]);
  await until("a receipt", () => receipts.length > 0);
  expect(receipts).toEqual([{ delivered: 5 }]);
});

test("a further channel goes into the same stream, from where the others stand", async () => {
  const hub = await fakeHub();
  const streams = overHttp(hub);
  const client = connect(hub.url, { transport: "sse" });
  client.follow(CHANNEL, {}, "start");
  await until("the stream", () => streams.length === 1);
  hub.event({ t: "joined", channel: CHANNEL, epoch: "e1", head: 5 });
  hub.event({ t: "entry", channel: CHANNEL, seq: 5, prev: 0, entry: entry("m-5", "one") });
  await new Promise((resolve) => setTimeout(resolve, 50));
  let joined = 0;
  client.follow("feed.user.demo.mohan", { joined: () => joined++ });
  await until("the next stream", () => streams.length === 2);
  expect(streams[1]?.search).toBe("?join=conv.c~e1~5&join=feed.user.demo.mohan");
  await new Promise((resolve) => setTimeout(resolve, 50));
  hub.event({ t: "joined", channel: "feed.user.demo.mohan", epoch: "f1", head: 2 });
  await until("joined", () => joined === 1);
});

test("a channel that is refused doesn't keep the others from coming", async () => {
  const hub = await fakeHub();
  const streams = overHttp(hub);
  hub.on("GET /api/events", ({ url }) => {
    streams.push(url);
    return url.search.includes("feed.desk") ? problem(403, "forbidden") : "stream";
  });
  const client = connect(hub.url, { transport: "sse" });
  const refused: string[] = [];
  client.follow(CHANNEL, {}, "start");
  client.follow("feed.desk.demo", { refused: (code) => refused.push(code) });
  await until("a stream of the first", () => streams.at(-1)?.search === "?join=conv.c~~0");
  await new Promise((resolve) => setTimeout(resolve, 50));
  hub.event({ t: "joined", channel: CHANNEL, epoch: "e1", head: 0 });
  await until("refused", () => refused.length === 1);
  await until("a stream without it", () => streams.at(-1)?.search.startsWith("?join=conv.c") === true);
});

test("a hub that is away altogether is no reason to think that WebSocket is blocked", async () => {
  const gone = await fakeHub();
  const { port, url } = gone;
  await gone.stop();
  const client = connect(url);
  const tried = new Set<string>();
  client.on("state", (state) => state.status === "connecting" && tried.add(state.transport));
  await until("several attempts", () => client.state.status === "waiting" && client.state.attempt >= 5);
  const hub = await fakeHub(port);
  await (await hub.connection()).welcome();
  await until("connected", () => client.state.status === "connected");
  expect([...tried]).toEqual(["websocket"]);
});

test("when the way is free again, WebSocket is taken", async () => {
  const hub = await fakeHub();
  const streams = overHttp(hub);
  const client = connect(hub.url);
  client.follow(CHANNEL, {}, "start");
  await until("the stream", () => streams.length === 1);
  hub.blocked = false;
  hub.server.closeAllConnections();
  await (await hub.connection()).welcome();
  await until(
    "connected",
    () => client.state.status === "connected" && client.state.transport === "websocket",
  );
});

test("a stream whose token ran out ends as such", async () => {
  const hub = await fakeHub();
  overHttp(hub);
  const client = connect(hub.url, { transport: "sse" });
  client.follow(CHANNEL, {}, "start");
  await until("connected", () => client.state.status === "connected");
  await new Promise((resolve) => setTimeout(resolve, 100));
  hub.event({ t: "error", ref: 0, code: "token_expired", message: "over" });
  await until("stopped", () => client.state.status === "stopped");
  expect(client.state).toMatchObject({ end: { name: "signed_out" } });
});
