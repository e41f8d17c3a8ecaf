// What the tests of this package share: clients that are stopped, servers that are ended, patience.
import { afterEach, onTestFinished } from "vitest";
import { WebSocket as NodeSocket } from "ws";
import { Client, type ClientOptions, type ConnectionState } from "../src/index";
import { FakeServer } from "./fake_server";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A fake hub that ends with the test. */
export async function fakeHub(port?: number): Promise<FakeServer> {
  const hub = await FakeServer.start(port);
  cleanups.push(() => hub.stop());
  return hub;
}

/** A client that connects at once and ends with the test. */
export function connect(url: string, options: Partial<ClientOptions> = {}): Client {
  const client = new Client({
    url,
    credentials: { token: "t-1" },
    backoff: { firstMs: 10, longestMs: 50 },
    storage: null,
    socket: (at, subprotocol) => new NodeSocket(at, subprotocol) as unknown as WebSocket,
    ...options,
  });
  cleanups.push(() => client.stop());
  client.connect();
  return client;
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean, patience = 5000): Promise<void> {
  const deadline = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Every state that a client goes through from now on. */
export function states(client: Client): ConnectionState[] {
  const seen: ConnectionState[] = [];
  onTestFinished(client.on("state", (state) => seen.push(state)));
  return seen;
}
