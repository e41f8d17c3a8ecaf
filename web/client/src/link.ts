// One connection from hello to its end: the heartbeat, the silence that means that the hub is gone, and its request to leave.
import { type ClientFrame, PROTOCOL_VERSION, type ServerFrame, type WelcomeFrame } from "@confab/protocol";
import { type End, end } from "./close";
import type { Transport, TransportEvents, TransportKind } from "./transport/transport";

const WELCOME_LIMIT_MS = 10_000;
/** How long the hub has to answer when the client has reason to doubt the connection. */
const PROBE_LIMIT_MS = 5_000;
/** How long the hub may owe an answer, without a word about anything, until the client doubts the connection. */
const DOUBT_MS = 2_000;
const TICK_MS = 1_000;
/** Heartbeats of silence after which the hub is taken for gone. */
const PATIENCE = 2.5;

export interface LinkEvents {
  welcomed(welcome: WelcomeFrame): void;
  frame(frame: ServerFrame): void;
  ended(end: End): void;
}

export class Link {
  readonly #transport: Transport;
  readonly #events: LinkEvents;
  #welcome: WelcomeFrame | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #deadline: number;
  #drain: ReturnType<typeof setTimeout> | undefined;
  #lastHeard = Date.now();
  #lastSent = Date.now();
  #lastTick = Date.now();
  #probed = 0;
  #pings = 0;
  #over = false;

  constructor(
    open: (events: TransportEvents) => Transport,
    hello: { token: string; client: string },
    events: LinkEvents,
  ) {
    this.#events = events;
    this.#deadline = Date.now() + WELCOME_LIMIT_MS;
    this.#transport = open({
      opened: () => this.send({ t: "hello", protocol: PROTOCOL_VERSION, ...hello }),
      frame: (frame) => this.#hear(frame),
      alive: () => this.#heard(),
      closed: (reason) => this.#finish(reason),
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get kind(): TransportKind {
    return this.#transport.kind;
  }

  get welcome(): WelcomeFrame | undefined {
    return this.#welcome;
  }

  send(frame: ClientFrame): void {
    this.#lastSent = Date.now();
    this.#transport.send(frame);
  }

  /** Asks for a sign of life; without one, this link ends soon. */
  probe(): void {
    if (!this.#welcome) return;
    this.#pings += 1;
    this.send({ t: "ping", n: this.#pings });
    this.#deadline = Math.min(this.#deadline, Date.now() + PROBE_LIMIT_MS);
  }

  /** A message sent at `since` is not answered: asks for a sign of life when the hub has said nothing at all meanwhile. */
  doubt(since: number): void {
    const heard = Math.max(this.#lastHeard, since);
    if (this.#probed > heard || Date.now() - heard < DOUBT_MS) return;
    this.#probed = Date.now();
    this.probe();
  }

  /** Ends it without telling. */
  close(): void {
    this.#over = true;
    clearInterval(this.#timer);
    clearTimeout(this.#drain);
    this.#transport.close();
  }

  #finish(reason: End): void {
    if (this.#over) return;
    this.close();
    // What swallows the handshake without a word is no hub: the same as if nobody had answered.
    const mute = !this.#welcome && reason.name === "lost";
    this.#events.ended(mute ? end("unreachable", reason.code) : reason);
  }

  #hear(frame: ServerFrame): void {
    if (this.#over) return;
    this.#heard();
    switch (frame.t) {
      case "welcome":
        this.#welcome = frame;
        this.#heard();
        this.#events.welcomed(frame);
        break;
      case "ping":
        this.send({ t: "pong", n: frame.n });
        break;
      case "pong":
        break;
      case "draining":
        this.#drain = setTimeout(() => this.#finish(end("draining")), frame.reconnect_after_ms);
        break;
      default:
        this.#events.frame(frame);
    }
  }

  #heard(): void {
    this.#lastHeard = Date.now();
    if (this.#welcome) this.#deadline = this.#lastHeard + this.#welcome.heartbeat_ms * PATIENCE;
  }

  #tick(): void {
    const now = Date.now();
    const slept = now - this.#lastTick > 10 * TICK_MS;
    this.#lastTick = now;
    if (slept && this.#welcome) {
      // The machine slept, or the page was frozen: silence proves nothing, the answer to a question does.
      this.#deadline = now + PROBE_LIMIT_MS;
      this.probe();
      return;
    }
    if (now > this.#deadline) {
      this.#finish(end(this.#welcome ? "silent" : "unreachable"));
      return;
    }
    if (this.#welcome && now - this.#lastSent >= this.#welcome.heartbeat_ms) {
      this.#pings += 1;
      this.send({ t: "ping", n: this.#pings });
    }
  }
}
