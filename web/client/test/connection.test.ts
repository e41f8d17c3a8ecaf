// Connecting, staying connected, and what each end of a connection leads to.
import { expect, test } from "vitest";
import { type Credentials, endOfCode } from "../src/index";
import { problem } from "./fake_server";
import { connect, fakeHub, states, until } from "./setup";

test("a client says hello and is told who it is", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url, { name: "test/1" });
  const hello = await (await hub.connection()).welcome();
  expect(hello).toEqual({ t: "hello", protocol: 1, token: "t-1", client: "test/1" });
  await until("connected", () => client.state.status === "connected");
  expect(client.welcome?.user_id).toBe("mohan");
});

test("a connection that is lost comes back, and says so meanwhile", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const seen = states(client);
  const first = await hub.connection();
  await first.welcome();
  first.drop();
  await (await hub.connection()).welcome();
  await until("connected again", () => client.state.status === "connected");
  const statuses = seen.map((state) => state.status);
  expect(statuses.slice(-3)).toEqual(["waiting", "connecting", "connected"]);
  const waiting = seen.find((state) => state.status === "waiting");
  expect(waiting).toMatchObject({ end: { name: "lost", next: "reconnect" } });
});

test("a hub that is not there is tried again until it is", async () => {
  const gone = await fakeHub();
  const { port, url } = gone;
  await gone.stop();
  const client = connect(url, { transport: "websocket" });
  await until("two attempts", () => client.state.status === "waiting" && client.state.attempt >= 2);
  const hub = await fakeHub(port);
  await (await hub.connection()).welcome();
  await until("connected", () => client.state.status === "connected");
});

test.each([
  [1000, "normal", "reconnect"],
  [1012, "draining", "reconnect_now"],
  [4400, "malformed", "stop"],
  [4401, "unauthenticated", "renew"],
  [4403, "out_of_turn", "stop"],
  [4406, "unsupported_version", "stop"],
  [4407, "hello_timeout", "reconnect"],
  [4408, "idle_timeout", "reconnect"],
  [4410, "token_expired", "renew"],
  [4411, "slow", "reconnect"],
  [4413, "too_large", "stop"],
  [4429, "rate_limited", "reconnect"],
  [4500, "internal", "reconnect"],
  [1006, "lost", "reconnect"],
])("close code %i is %s: %s", async (code, name, next) => {
  expect(endOfCode(code)).toEqual({ name, code, next });
  if (code === 1006) return;
  const hub = await fakeHub();
  const client = connect(hub.url);
  const connection = await hub.connection();
  await connection.welcome();
  await until("connected", () => client.state.status === "connected");
  connection.close(code);
  if (next === "stop") {
    await until("stopped", () => client.state.status === "stopped");
    expect(client.state).toMatchObject({ end: { name, code } });
  } else if (next === "renew") {
    // Without a refresh token there is no way to go on.
    await until("stopped", () => client.state.status === "stopped");
    expect(client.state).toMatchObject({ end: { name: "signed_out", code } });
  } else {
    await (await hub.connection()).welcome();
    await until("connected again", () => client.state.status === "connected");
  }
});

test("a node that goes away is left when it says", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const first = await hub.connection();
  await first.welcome();
  const begun = Date.now();
  first.send({ t: "draining", reconnect_after_ms: 150 });
  await (await hub.connection()).welcome();
  expect(Date.now() - begun).toBeGreaterThanOrEqual(140);
  await until("connected", () => client.state.status === "connected");
});

test("a hub that falls silent is taken for gone", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const seen = states(client);
  await (await hub.connection()).welcome({ heartbeat_ms: 400 });
  await (await hub.connection()).welcome();
  await until("connected", () => client.state.status === "connected");
  expect(seen).toContainEqual(
    expect.objectContaining({ end: { name: "silent", next: "reconnect", code: undefined } }),
  );
});

test("a hub that owes an answer is asked for a sign of life, and taken for gone without one", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const seen = states(client);
  client.send("conv.c", "hello");
  const first = await hub.connection();
  await first.welcome();
  await first.joined(4);
  await first.expect("send");
  await first.expect("ping");
  const isSilent = () => seen.some((state) => state.status === "waiting" && state.end.name === "silent");
  await until("taken for gone", isSilent, 9_000);
  await (await hub.connection()).welcome();
}, 20_000);

test("pings are answered, and a quiet client sends its own", async () => {
  const hub = await fakeHub();
  connect(hub.url);
  const connection = await hub.connection();
  await connection.welcome({ heartbeat_ms: 900 });
  connection.send({ t: "ping", n: 7 });
  expect(await connection.expect("pong")).toEqual({ t: "pong", n: 7 });
  const { n } = await connection.expect("ping");
  connection.send({ t: "pong", n: n ?? 0 });
});

test("frames that a client can't read are left alone", async () => {
  const hub = await fakeHub();
  const client = connect(hub.url);
  const connection = await hub.connection();
  await connection.welcome();
  await until("connected", () => client.state.status === "connected");
  connection.socket.send("{no json");
  connection.socket.send('{"t":"of_a_later_version"}');
  connection.send({ t: "ping", n: 1 });
  await connection.expect("pong");
  expect(client.state.status).toBe("connected");
});

test("a token is renewed before it runs out, without a new connection", async () => {
  const hub = await fakeHub();
  hub.on("POST /api/auth/renew", ({ body }) => {
    expect(body).toEqual({ refresh_token: "r-1" });
    const user = { id: "mohan", tenant: "demo", name: "Mohan", role: "customer" };
    return { access_token: "t-2", expires_at: Date.now() + 3_600_000, refresh_token: "r-2", user };
  });
  const client = connect(hub.url, { credentials: { token: "t-1", refreshToken: "r-1" } });
  const kept: Credentials[] = [];
  client.on("credentials", (credentials) => kept.push(credentials));
  const connection = await hub.connection();
  await connection.welcome({ expires_at: Date.now() + 1300 });
  expect(await connection.expect("renew")).toEqual({ t: "renew", token: "t-2" });
  connection.send({ t: "renewed", expires_at: Date.now() + 3_600_000 });
  expect(kept).toMatchObject([{ token: "t-2", refreshToken: "r-2" }]);
  expect(client.credentials.token).toBe("t-2");
});

test("a token that ran out is renewed, then the client comes back with the new one", async () => {
  const hub = await fakeHub();
  let asked = 0;
  hub.on("POST /api/auth/renew", () => {
    asked += 1;
    if (asked === 1) return problem(503, "unavailable");
    const user = { id: "mohan", tenant: "demo", name: "Mohan", role: "customer" };
    return { access_token: "t-2", expires_at: Date.now() + 3_600_000, refresh_token: "r-2", user };
  });
  const client = connect(hub.url, { credentials: { token: "t-1", refreshToken: "r-1" } });
  const first = await hub.connection();
  await first.expect("hello");
  first.close(4410);
  // The renewal failed for now: the old token is tried again, and refused again.
  const second = await hub.connection();
  expect(await second.expect("hello")).toMatchObject({ token: "t-1" });
  second.close(4410);
  const third = await hub.connection();
  expect(await third.welcome()).toMatchObject({ token: "t-2" });
  await until("connected", () => client.state.status === "connected");
});

test("a refresh token that the hub no longer takes is the end", async () => {
  const hub = await fakeHub();
  hub.on("POST /api/auth/renew", () => problem(401, "unauthenticated"));
  const client = connect(hub.url, { credentials: { token: "t-1", refreshToken: "r-1" } });
  const first = await hub.connection();
  await first.expect("hello");
  first.close(4401);
  await until("stopped", () => client.state.status === "stopped");
  expect(client.state).toMatchObject({ end: { name: "signed_out" } });
  // Signing in again is enough to go on.
  client.credentials = { token: "t-9" };
  expect(await (await hub.connection()).welcome()).toMatchObject({ token: "t-9" });
});
