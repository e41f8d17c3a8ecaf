// A hub that does exactly what a test tells it: takes connections, shows what clients say, and answers by script.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientFrame, ClientFrameOf, Entry, ServerFrame, ServerFrameOf } from "@confab/protocol";
import { type WebSocket, WebSocketServer } from "ws";

const PATIENCE_MS = 5000;

/** What one can wait for, in the order in which it comes. */
class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: (() => void)[] = [];

  push(item: T): void {
    this.#items.push(item);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Takes the first item that fits, now or when it comes. */
  async take(what: string, fits: (item: T) => boolean = () => true): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const at = this.#items.findIndex(fits);
      if (at >= 0) return this.#items.splice(at, 1)[0] as T;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what} did not come; there is ${JSON.stringify(this.#items)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  count(fits: (item: T) => boolean): number {
    return this.#items.filter(fits).length;
  }
}

/** One connection, as the hub sees it. */
export class FakeConnection {
  readonly #frames = new Queue<ClientFrame>();

  constructor(readonly socket: WebSocket) {
    socket.on("message", (data) => this.#frames.push(JSON.parse(String(data)) as ClientFrame));
    socket.on("error", () => {});
  }

  send(frame: ServerFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The next frame of a type. */
  expect<T extends ClientFrame["t"]>(t: T): Promise<ClientFrameOf<T>> {
    return this.#frames.take(`a ${t}`, (frame) => frame.t === t) as Promise<ClientFrameOf<T>>;
  }

  /** How many frames of a type have come and were not expected. */
  count(t: ClientFrame["t"]): number {
    return this.#frames.count((frame) => frame.t === t);
  }

  /** Takes the hello and says welcome. */
  async welcome(more: Partial<ServerFrameOf<"welcome">> = {}): Promise<ClientFrameOf<"hello">> {
    const hello = await this.expect("hello");
    const now = Date.now();
    this.send({
      t: "welcome",
      protocol: 1,
      session: "s",
      node: "fake",
      user_id: "mohan",
      name: "Mohan",
      role: "customer",
      tenant: "demo",
      feed: "feed.user.demo.mohan",
      now,
      expires_at: now + 3_600_000,
      heartbeat_ms: 20_000,
      max_frame_bytes: 65_536,
      max_message_chars: 100,
      ...more,
    });
    return hello;
  }

  /** Takes a join and says that it is followed. */
  async joined(head: number, epoch = "e1"): Promise<ClientFrameOf<"join">> {
    const join = await this.expect("join");
    this.send({ t: "joined", ref: join.ref ?? 0, channel: join.channel, epoch, head });
    return join;
  }

  entry(seq: number, prev: number, text: string, more: Partial<Entry> = {}): void {
    this.send({ t: "entry", channel: "conv.c", seq, prev, entry: entry(`m-${seq}`, text, more) });
  }

  ack(frame: ClientFrameOf<"send">, seq: number, duplicate = false): void {
    this.send({ t: "ack", channel: frame.channel, client_id: frame.client_id, seq, duplicate });
  }

  close(code: number): void {
    this.socket.close(code);
  }

  /** The network takes it away. */
  drop(): void {
    this.socket.terminate();
  }
}

/** What somebody wrote. */
export function entry(id: string, text: string, more: Partial<Entry> = {}): Entry {
  return {
    id,
    author: { id: "sam", name: "Sam", role: "agent" },
    at: 1_700_000_000_000,
    body: { kind: "TEXT", text },
    ...more,
  };
}

type Handler = (request: { url: URL; body: unknown; headers: IncomingMessage["headers"] }) => unknown;

/** An answer with a status of its own; anything else a handler returns is the body of a 200. */
export class Status {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

/** A problem document. */
export function problem(status: number, code: string): Status {
  return new Status(status, { type: `urn:confab:error:${code}`, title: code, status, detail: code, code });
}

export class FakeServer {
  readonly #connections = new Queue<FakeConnection>();
  readonly #routes = new Map<string, Handler>();
  readonly #streams = new Set<ServerResponse>();
  /** Whether WebSocket handshakes are refused, as by a proxy. */
  blocked = false;

  private constructor(
    readonly server: Server,
    readonly sockets: WebSocketServer,
  ) {}

  static async start(port = 0): Promise<FakeServer> {
    const server = createServer();
    const sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => [...offered][0] ?? false,
    });
    const fake = new FakeServer(server, sockets);
    server.on("request", (request, response) => void fake.#answer(request, response));
    server.on("upgrade", (request, socket, head) => {
      if (fake.blocked) {
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, socket, head, (ws) => fake.#connections.push(new FakeConnection(ws)));
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return fake;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The next connection. */
  connection(): Promise<FakeConnection> {
    return this.#connections.take("a connection");
  }

  /** Answers a path, such as `GET /api/auth/me`. */
  on(route: string, handler: Handler): void {
    this.#routes.set(route, handler);
  }

  /** Sends a server-sent event to every stream. */
  event(frame: ServerFrame | string): void {
    const text = typeof frame === "string" ? frame : `data: ${JSON.stringify(frame)}`;
    for (const stream of this.#streams) stream.write(`${text}\n\n`);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const handler = this.#routes.get(`${request.method} ${url.pathname}`);
    const body: unknown = text ? JSON.parse(text) : undefined;
    const result = await handler?.({ url, body, headers: request.headers });
    if (result === "stream") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      this.#streams.add(response);
      response.on("close", () => this.#streams.delete(response));
      return;
    }
    const answer =
      result instanceof Status ? result : handler ? new Status(200, result) : problem(404, "not_found");
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  }
}
