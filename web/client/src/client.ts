// The one owner of a client's state: what its owner asks, what the hub says, and time come together here.
import type { ErrorCode, Routes, ServerFrame, WelcomeFrame } from "@confab/protocol";
import { Api } from "./api";
import { Backoff, type BackoffOptions } from "./backoff";
import { type End, end } from "./close";
import { type Codec, json } from "./codec";
import { type Credentials, type Renewal, renewalBy } from "./credentials";
import { Emitter } from "./emitter";
import { HubError } from "./errors";
import type { ChannelListener, From } from "./followed";
import { newId } from "./ids";
import { Keeper, type LockSource } from "./keeper";
import { Link } from "./link";
import { Outbox, type Pending } from "./outbox";
import { Rooms } from "./rooms";
import type { ConnectionState } from "./state";
import { defaultStorage, type KeyValueStorage } from "./storage";
import { expiryOf, SseTransport } from "./transport/sse";
import type { Transport, TransportEvents, TransportKind } from "./transport/transport";
import { WebSocketTransport } from "./transport/websocket";

const TICK_MS = 250;
const ACK_LIMIT_MS = 10_000;
const RENEW_RETRY_MS = 10_000;
/** Share of a token's life after which it is renewed. */
const RENEW_AT = 0.8;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** WebSocket attempts that come to nothing before plain HTTP is tried. */
const BLOCKED_AFTER = 2;

export interface ClientOptions {
  /** Where the hub is; the page's own origin unless given. */
  url?: string;
  credentials: Credentials;
  /** Name and version of the program, for the hub's logs. */
  name?: string;
  /** `auto` takes WebSocket, and plain HTTP where that is blocked. */
  transport?: "auto" | TransportKind;
  codec?: Codec;
  /** Where unsent messages outlive the page; `localStorage` unless given, `null` for nowhere. */
  storage?: KeyValueStorage | null;
  /** Whose messages they are, such as a user's id: messages of another scope are left alone. */
  scope?: string;
  /** How to get fresh credentials; by the refresh token unless given. */
  renew?: Renewal;
  backoff?: BackoffOptions;
  /** A message not answered for so long is sent again. */
  ackLimitMs?: number;
  /** Messages of one channel under way at a time. */
  window?: number;
  /** Whether the hub is told by itself which entries have arrived. */
  receipts?: boolean;
  /** For environments without `WebSocket`, `fetch` or `navigator.locks`. */
  socket?: (url: string, subprotocol: string) => WebSocket;
  fetch?: typeof fetch;
  locks?: LockSource | null;
}

export interface ClientEvents {
  state: ConnectionState;
  /** Fresh credentials: keep them instead of the old ones. */
  credentials: Credentials;
  /** A message of this client is stored. */
  acked: { pending: Pending; seq: number; duplicate: boolean };
  /** The hub will not take a message as it is; it stays until `retry` or `discard`. */
  refused: { pending: Pending; code: ErrorCode; message: string };
  /** What is pending in this channel changed. */
  pending: { channel: string };
  /** Something was refused that nobody waits for; the client goes on. */
  trouble: { channel?: string | undefined; code?: ErrorCode | undefined; message: string };
}

/** A lasting connection to the hub: survives whatever the network does, loses nothing, doubles nothing. */
export class Client extends Emitter<ClientEvents> {
  readonly api: Api;
  readonly #options: ClientOptions;
  readonly #backoff: Backoff;
  readonly #outbox: Outbox;
  readonly #rooms: Rooms;
  readonly #renew: Renewal;
  #keeper: Keeper | undefined;
  #credentials: Credentials;
  #state: ConnectionState = { status: "idle" };
  #link: Link | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #blocked = 0;
  #refreshed = false;
  #unlisten: (() => void) | undefined;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
    this.#credentials = options.credentials;
    this.api = new Api({ url: options.url, fetch: options.fetch, token: () => this.#credentials.token });
    this.#backoff = new Backoff(options.backoff);
    this.#outbox = new Outbox(options.window);
    this.#renew = options.renew ?? renewalBy(this.api);
    this.#rooms = new Rooms({
      api: this.api,
      receipts: options.receipts ?? true,
      send: (frame) => this.#link?.send(frame),
      isConnected: () => this.#link?.welcome !== undefined,
      hasPending: (channel) => this.#outbox.channels.has(channel),
      epochChanged: (channel) => this.#outbox.epochChanged(channel),
      stored: (delivery) => {
        if (delivery.entry.author.id === this.welcome?.user_id) {
          this.#stored(delivery.channel, delivery.entry.id, delivery.seq, false);
        }
      },
      trouble: (trouble) => this.emit("trouble", trouble),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** What the hub said at the beginning of the connection there is. */
  get welcome(): WelcomeFrame | undefined {
    return this.#link?.welcome;
  }

  get credentials(): Credentials {
    return this.#credentials;
  }

  /** Takes credentials that were had elsewhere, such as by another tab. The connection goes on. */
  set credentials(credentials: Credentials) {
    this.#credentials = credentials;
    if (this.#link?.welcome) this.#link.send({ t: "renew", token: credentials.token });
    else if (this.#state.status === "stopped" && this.#state.end.name === "signed_out") this.connect();
  }

  /** Connects, and stays connected until `stop`. */
  connect(): void {
    if (this.#link || this.#retry) return;
    this.#listen();
    if (!this.#keeper && this.#options.storage !== null) {
      const locks = this.#options.locks === undefined ? globalThis.navigator?.locks : this.#options.locks;
      const storage = this.#options.storage ?? defaultStorage();
      this.#keeper = new Keeper(
        storage,
        this.#options.scope ?? "default",
        (locks as LockSource) ?? undefined,
      );
      this.#keeper.save(this.#outbox.pending);
      this.#keeper.adopt((left) => this.#adopt(left));
    }
    this.#open();
  }

  /** Connects at once when the client waits to. */
  retryNow(): void {
    if (this.#state.status !== "waiting") return;
    this.#open();
  }

  /** Ends the connection. What is not sent stays where it is kept. */
  stop(): void {
    this.#unlisten?.();
    this.#unlisten = undefined;
    this.#keeper?.end();
    this.#keeper = undefined;
    this.#disconnected();
    this.#become({ status: "stopped", end: end("stopped") });
  }

  /** Follows a channel; the function it returns ends that. */
  follow(channel: string, listener: ChannelListener, from: From = "now"): () => void {
    return this.#rooms.follow(channel, listener, from);
  }

  /** Writes a message. It is kept until the hub has stored it, through reloads and whatever the network does. */
  send(channel: string, text: string, clientId: string = newId()): Pending {
    const pending: Pending = { clientId, channel, text, at: Date.now() };
    this.#outbox.push(pending);
    this.#pendingChanged(channel);
    return pending;
  }

  /** Messages of a channel that are not known to be stored, oldest first. */
  pending(channel: string): Pending[] {
    return this.#outbox.pending.filter((pending) => pending.channel === channel);
  }

  /** Sends a refused message again. */
  retry(channel: string, clientId: string): void {
    if (this.#outbox.retry(channel, clientId)) this.#pendingChanged(channel);
  }

  /** Gives up a refused message. */
  discard(channel: string, clientId: string): void {
    if (this.#outbox.find(channel, clientId)?.refused && this.#outbox.remove(channel, clientId)) {
      this.#pendingChanged(channel);
    }
  }

  /** Tells the others that the person types, or no longer does. */
  typing(channel: string, on: boolean): void {
    if (this.#rooms.isJoined(channel)) this.#link?.send({ t: on ? "TYPING_START" : "TYPING_STOP", channel });
  }

  /** Tells how far the person has read. */
  read(channel: string, seq: number): void {
    this.#rooms.read(channel, seq);
  }

  /** Tells that a conversation came to the foreground, or left it. */
  view(channel: string, on: boolean): void {
    this.#rooms.view(channel, on);
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.emit("state", state);
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const kind = this.#nextTransport();
    this.#become({ status: "connecting", attempt: this.#backoff.attempts, transport: kind });
    const hello = { token: this.#credentials.token, client: this.#options.name ?? "confab-js" };
    this.#link = new Link((events) => this.#transport(kind, events), hello, {
      welcomed: (welcome) => this.#welcomed(kind, welcome),
      frame: (frame) => {
        this.#hear(frame);
        this.#flush();
      },
      ended: (reason) => void this.#ended(kind, reason),
    });
  }

  #transport(kind: TransportKind, events: TransportEvents): Transport {
    if (kind === "sse") return new SseTransport(this.api, events);
    return new WebSocketTransport(
      this.api.socketUrl,
      this.#options.codec ?? json,
      events,
      this.#options.socket,
    );
  }

  #nextTransport(): TransportKind {
    const wanted = this.#options.transport ?? "auto";
    if (wanted !== "auto") return wanted;
    return this.#blocked >= BLOCKED_AFTER ? "sse" : "websocket";
  }

  /** WebSocket came to nothing: it is blocked if the hub can be reached all the same. */
  async #suspect(): Promise<void> {
    try {
      await this.api.request("GET /health/live", { token: null });
    } catch (error) {
      if (!(error instanceof HubError) || error.failure.kind === "unreachable") return;
    }
    this.#blocked += 1;
  }

  #welcomed(kind: TransportKind, welcome: WelcomeFrame): void {
    this.#backoff.reset();
    this.#refreshed = false;
    if (kind === "websocket") this.#blocked = 0;
    const left =
      Math.min(welcome.expires_at, this.#credentials.expiresAt ?? welcome.expires_at) - welcome.now;
    this.#scheduleRenewal(left);
    this.#become({ status: "connected", transport: kind, welcome });
    this.#rooms.joinAll();
    for (const channel of this.#outbox.channels) this.#rooms.keep(channel);
    clearInterval(this.#ticker);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#flush();
  }

  #disconnected(): void {
    this.#link?.close();
    this.#link = undefined;
    clearInterval(this.#ticker);
    clearTimeout(this.#retry);
    clearTimeout(this.#renewal);
    this.#retry = undefined;
    this.#outbox.disconnected();
    this.#rooms.disconnected();
  }

  async #ended(kind: TransportKind, reason: End): Promise<void> {
    this.#disconnected();
    if (kind === "sse") {
      // The network may have changed: WebSocket gets one attempt, then it is the other's turn again.
      this.#blocked = BLOCKED_AFTER - 1;
    } else if (reason.name === "unreachable") {
      void this.#suspect();
    }
    switch (reason.next) {
      case "stop":
        this.#become({ status: "stopped", end: reason });
        return;
      case "renew":
        return this.#renewAndReturn(reason);
      case "reconnect_now":
        return this.#wait(reason, 0);
      case "reconnect":
        return this.#wait(reason, this.#backoff.next());
    }
  }

  #wait(reason: End, ms: number): void {
    const offline = globalThis.navigator?.onLine === false;
    const retryAt = Date.now() + ms;
    this.#retry = setTimeout(() => this.#open(), ms);
    this.#become({ status: "waiting", end: reason, attempt: this.#backoff.attempts, retryAt, offline });
  }

  /** The hub didn't take the token: gets another one, then connects. */
  async #renewAndReturn(reason: End): Promise<void> {
    const again = this.#refreshed;
    const old = this.#credentials;
    let fresh: Credentials | undefined;
    this.#become({ status: "connecting", attempt: this.#backoff.attempts, transport: "websocket" });
    try {
      fresh = await this.#renew(old);
    } catch {
      if (this.#state.status !== "stopped") this.#wait(reason, this.#backoff.next());
      return;
    }
    if (this.#state.status === "stopped" || this.#link) return;
    if (!fresh && this.#credentials === old) {
      this.#become({ status: "stopped", end: end("signed_out", reason.code) });
      return;
    }
    if (fresh) this.#take(fresh);
    this.#refreshed = true;
    this.#wait(reason, again ? this.#backoff.next() : 0);
  }

  #take(credentials: Credentials): void {
    this.#credentials = credentials;
    this.emit("credentials", credentials);
  }

  #scheduleRenewal(left: number): void {
    clearTimeout(this.#renewal);
    const delay = Math.max(left * RENEW_AT, 1000);
    if (delay > LONGEST_TIMER_MS) return;
    this.#renewal = setTimeout(() => void this.#renewInTime(), delay);
  }

  async #renewInTime(): Promise<void> {
    const old = this.#credentials;
    try {
      const fresh = await this.#renew(old);
      if (!fresh || this.#credentials !== old) return;
      this.#take(fresh);
      this.#link?.send({ t: "renew", token: fresh.token });
    } catch {
      clearTimeout(this.#renewal);
      if (this.#link) this.#renewal = setTimeout(() => void this.#renewInTime(), RENEW_RETRY_MS);
    }
  }

  #hear(frame: ServerFrame): void {
    switch (frame.t) {
      case "ack":
        this.#stored(frame.channel, frame.client_id, frame.seq, frame.duplicate ?? false);
        break;
      case "nack":
        this.#turnedAway(frame.channel, frame.client_id, frame.code, frame.message, frame.retry_after_ms);
        break;
      case "renewed":
        this.#scheduleRenewal(Math.min(frame.expires_at, expiryOf(this.#credentials.token)) - Date.now());
        break;
      default:
        this.#rooms.hear(frame);
    }
  }

  #stored(channel: string, clientId: string, seq: number, duplicate: boolean): void {
    const pending = this.#outbox.remove(channel, clientId);
    if (!pending) return;
    this.#keeper?.save(this.#outbox.pending);
    this.emit("acked", { pending, seq, duplicate });
    this.emit("pending", { channel });
    this.#rooms.release(channel);
  }

  #turnedAway(
    channel: string,
    clientId: string,
    code: ErrorCode,
    message: string,
    retryAfter: number | null | undefined,
  ): void {
    if (retryAfter != null || ["rate_limited", "unavailable", "timeout", "internal"].includes(code)) {
      this.#outbox.postpone(channel, clientId, Date.now() + (retryAfter ?? 1000));
    } else if (code === "not_joined" && this.#rooms.has(channel)) {
      this.#outbox.postpone(channel, clientId, Date.now() + 1000);
      this.#rooms.join(channel);
    } else {
      this.#refuse(channel, clientId, code, message);
    }
  }

  #refuse(channel: string, clientId: string, code: ErrorCode, message: string): void {
    const pending = this.#outbox.refuse(channel, clientId, code, message);
    if (!pending) return;
    this.#keeper?.save(this.#outbox.pending);
    this.emit("refused", { pending, code, message });
    this.emit("pending", { channel });
    this.#rooms.release(channel);
  }

  #pendingChanged(channel: string): void {
    this.#keeper?.save(this.#outbox.pending);
    this.emit("pending", { channel });
    if (this.#outbox.channels.has(channel)) this.#rooms.keep(channel);
    this.#flush();
  }

  #adopt(left: Pending[]): void {
    for (const pending of left) this.#outbox.push(pending);
    for (const channel of new Set(left.map((pending) => pending.channel))) this.#pendingChanged(channel);
  }

  #flush(): void {
    const { welcome } = this;
    if (!welcome || !this.#link) return;
    let sent = false;
    for (;;) {
      const next = this.#outbox.next(Date.now(), (channel) => this.#rooms.place(channel));
      if (!next) break;
      sent = true;
      const { channel, clientId, text } = next.pending;
      if ([...text].length > welcome.max_message_chars) {
        this.#refuse(
          channel,
          clientId,
          "too_large",
          `a message has at most ${welcome.max_message_chars} characters`,
        );
        continue;
      }
      this.#link.send({ t: "send", channel, client_id: clientId, text, known: next.known });
    }
    if (sent) this.#keeper?.save(this.#outbox.pending);
  }

  #tick(): void {
    const unanswered = this.#outbox.oldestSent();
    if (unanswered !== undefined) this.#link?.doubt(unanswered);
    this.#outbox.expire(Date.now(), this.#options.ackLimitMs ?? ACK_LIMIT_MS);
    this.#rooms.tick(Date.now());
    this.#flush();
  }

  /** The browser knows of the network what the client would find out later. */
  #listen(): void {
    if (this.#unlisten || typeof globalThis.addEventListener !== "function") return;
    const back = () => {
      if (this.#link?.welcome) this.#link.probe();
      else this.retryNow();
    };
    const gone = () => this.#link?.probe();
    const shown = () => {
      if (globalThis.document?.visibilityState === "visible") back();
    };
    globalThis.addEventListener("online", back);
    globalThis.addEventListener("offline", gone);
    globalThis.document?.addEventListener("visibilitychange", shown);
    this.#unlisten = () => {
      globalThis.removeEventListener("online", back);
      globalThis.removeEventListener("offline", gone);
      globalThis.document?.removeEventListener("visibilitychange", shown);
    };
  }
}

/** What the hub answers to the beginning of a chat. */
export type Started = Routes["POST /api/chat/start"]["answer"];
