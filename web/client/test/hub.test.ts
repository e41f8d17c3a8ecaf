// The library against a real hub: two people, a cut wire, a killed hub.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEMO_PASSWORD, Hub, hasHub } from "../../testing/hub";
import { Wire } from "../../testing/wire";
import { Api, type Client, type ClientOptions, Conversation, credentialsOf, newId } from "../src/index";
import { msgpack } from "../src/msgpack";
import { connect, until } from "./setup";

describe.skipIf(!hasHub)("with a real hub", () => {
  let hub: Hub;
  let wire: Wire;

  beforeAll(async () => {
    hub = await Hub.start();
    wire = await Wire.start(hub.url);
  }, 90_000);

  afterAll(async () => {
    await wire?.cut();
    await hub?.stop();
  }, 30_000);

  async function agent(options: Partial<ClientOptions> = {}): Promise<Client> {
    const api = new Api({ url: hub.url });
    const body = { tenant: "demo", login: "sam", password: DEMO_PASSWORD };
    const client = connect(hub.url, {
      credentials: credentialsOf(await api.request("POST /api/auth/login", { body })),
      ...options,
    });
    await until("the agent is connected", () => client.state.status === "connected");
    await client.api.request("PUT /api/agent/availability", { body: { availability: "online" } });
    return client;
  }

  async function chat(sam: Client, options: Partial<ClientOptions> = {}) {
    const api = new Api({ url: hub.url });
    const started = await api.request("POST /api/chat/start", {
      body: { tenant: "demo", issue_type: "PAYMENT", message: "My payment is stuck", name: "Asha" },
      idempotencyKey: newId(),
    });
    const id = started.conversation_id;
    const asha = connect(wire.url, { credentials: { token: started.token }, ...options });
    const hers = new Conversation(asha, id, {
      me: { id: started.customer_id, name: "Asha", role: "customer" },
      from: "start",
    });
    await until("the conversation has begun", () => hers.snapshot().messages.length > 0, 10_000);
    const accept = () => sam.api.request("POST /api/agent/conversations/{id}/accept", { path: { id } });
    await accept().catch(() => {});
    const me = { id: "sam", name: "Sam", role: "agent" as const };
    const his = new Conversation(sam, id, { me, peer: started.customer_id, notes: true });
    await until("he sees it", () => his.snapshot().phase === "ready");
    return { asha, hers, his };
  }

  const said = (conversation: Conversation) =>
    conversation.snapshot().messages.flatMap(({ body }) => (body.kind === "TEXT" ? [body.text] : []));

  test.each([
    ["JSON over WebSocket", {}],
    ["MessagePack over WebSocket", { codec: msgpack }],
    ["server-sent events", { transport: "sse" as const }],
  ])(
    "two people talk: %s",
    async (_, options) => {
      const { hers, his } = await chat(await agent(), options);
      hers.send("are you there?");
      await until("he has it", () => said(his).includes("are you there?"));
      his.send("yes");
      his.send("not for her", true);
      await until("she has it", () => said(hers).includes("yes"));
      his.markRead();
      await until("she sees that he has read", () => {
        return hers
          .snapshot()
          .messages.some(
            ({ body, state }) => body.kind === "TEXT" && body.text === "are you there?" && state === "read",
          );
      });
      his.typed("I am");
      await until("she sees him type", () => hers.snapshot().typing[0]?.id === "sam");
      expect(said(hers)).toEqual(["My payment is stuck", "are you there?", "yes"]);
      expect(JSON.stringify(hers.snapshot().messages)).not.toContain("not for her");
    },
    40_000,
  );

  test("nothing is lost or doubled when the wire is cut while both write", async () => {
    const { hers, his } = await chat(await agent());
    const wanted: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const [who, conversation] of [
        ["asha", hers],
        ["sam", his],
      ] as const) {
        for (let number = 0; number < 5; number += 1) {
          const text = `${who} ${round}.${number}`;
          wanted.push(text);
          conversation.send(text);
        }
      }
      await wire.cut();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await wire.mend();
    }
    const all = (conversation: Conversation) => said(conversation).length === wanted.length + 1;
    await until("both have everything", () => all(hers) && all(his), 30_000);
    const settled = () => hers.snapshot().messages.every(({ state }) => state !== "sending");
    await until("everything is stored", settled, 10_000);
    expect(said(hers)).toEqual(said(his));
    expect([...said(hers)].sort()).toEqual(["My payment is stuck", ...wanted].sort());
    const of = (who: string) => said(hers).filter((text) => text.startsWith(who));
    expect(of("asha")).toEqual(wanted.filter((text) => text.startsWith("asha")));
    expect(of("sam")).toEqual(wanted.filter((text) => text.startsWith("sam")));
  }, 60_000);

  test("a hub that is killed and started again is found again", async () => {
    const sam = await agent();
    const { hers, his } = await chat(sam);
    await hub.kill();
    hers.send("written while it was down");
    await until("noticed", () => sam.state.status !== "connected");
    await hub.restart();
    await until("he has it", () => said(his).includes("written while it was down"), 30_000);
    expect(said(hers).filter((text) => text === "written while it was down")).toHaveLength(1);
  }, 90_000);
});
