// Frames over plain HTTP, for networks in which WebSocket is blocked: the hub's come as server-sent events, the client's
// go by POST. To the client above, it looks like any other transport.
import {
  type ClientFrame,
  type ClientFrameOf,
  conversationOf,
  isNotes,
  PROTOCOL_VERSION,
  type ServerFrame,
} from "@confab/protocol";
import type { Api } from "../api";
import { end } from "../close";
import { HubError } from "../errors";
import type { Transport, TransportEvents } from "./transport";

/** Joins within this time share one stream. */
const GATHER_MS = 20;
const RETRY_MS = 1000;
const HEARTBEAT_MS = 20_000;
const MAX_FRAME_BYTES = 65_536;
const MAX_MESSAGE_CHARS = 8000;

interface Wanted {
  ref: number;
  /** Where to go on: `undefined` for what comes from now on. */
  place?: { epoch: string; after: number } | undefined;
  /** Whether the hub has said that it follows this channel. */
  confirmed: boolean;
}

export class SseTransport implements Transport {
  readonly kind = "sse";
  readonly #wanted = new Map<string, Wanted>();
  #events: TransportEvents | undefined;
  #token = "";
  #stream: AbortController | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly api: Api,
    events: TransportEvents,
  ) {
    this.#events = events;
    queueMicrotask(() => this.#events?.opened());
  }

  send(frame: ClientFrame): void {
    switch (frame.t) {
      case "hello":
        this.#token = frame.token;
        void this.#welcome();
        break;
      case "renew":
        this.#token = frame.token;
        this.#tell({ t: "renewed", expires_at: expiryOf(frame.token) });
        this.#restart();
        break;
      case "join": {
        const place = frame.after == null ? undefined : { epoch: frame.epoch ?? "", after: frame.after };
        this.#wanted.set(frame.channel, { ref: frame.ref ?? 0, place, confirmed: false });
        this.#restart();
        break;
      }
      case "leave":
        this.#wanted.delete(frame.channel);
        this.#tell({ t: "left", channel: frame.channel, ref: frame.ref ?? 0 });
        this.#restart();
        break;
      case "send":
        void this.#post(frame);
        break;
      case "receipt":
        this.#quietly("read", frame.channel, { delivered: frame.delivered, read: frame.read });
        break;
      case "TYPING_START":
      case "TYPING_STOP":
        this.#quietly("typing", frame.channel, { typing: frame.t === "TYPING_START" });
        break;
      case "ping":
        this.#tell({ t: "pong", n: frame.n ?? 0 });
        break;
      case "view":
      case "pong":
        break;
    }
  }

  close(): void {
    this.#events = undefined;
    clearTimeout(this.#gathering);
    this.#stream?.abort();
  }

  #tell(frame: ServerFrame): void {
    queueMicrotask(() => this.#events?.frame(frame));
  }

  #end(error: unknown): void {
    const events = this.#events;
    this.close();
    if (error instanceof HubError && error.isAboutToken) {
      events?.closed(end(error.code === "token_expired" ? "token_expired" : "unauthenticated"));
    } else if (error instanceof HubError && error.code === "rate_limited") {
      events?.closed(end("rate_limited"));
    } else {
      events?.closed(end(error instanceof HubError ? "unreachable" : "lost"));
    }
  }

  async #welcome(): Promise<void> {
    try {
      const me = await this.api.request("GET /api/auth/me", { token: this.#token });
      this.#tell({
        t: "welcome",
        protocol: PROTOCOL_VERSION,
        session: "",
        node: "",
        user_id: me.id,
        name: me.name,
        role: me.role,
        tenant: me.tenant,
        feed: `feed.user.${me.tenant}.${me.id}`,
        desk: me.role === "customer" ? null : `feed.desk.${me.tenant}`,
        now: Date.now(),
        expires_at: expiryOf(this.#token),
        heartbeat_ms: HEARTBEAT_MS,
        max_frame_bytes: MAX_FRAME_BYTES,
        max_message_chars: MAX_MESSAGE_CHARS,
      });
    } catch (error) {
      this.#end(error);
    }
  }

  #restart(): void {
    clearTimeout(this.#gathering);
    this.#gathering = setTimeout(() => void this.#run([...this.#wanted.keys()]), GATHER_MS);
  }

  async #run(channels: string[]): Promise<void> {
    this.#stream?.abort();
    if (channels.length === 0) return;
    const stream = new AbortController();
    this.#stream = stream;
    const joins = channels.map((channel) => `join=${this.#placed(channel)}`);
    try {
      const options = { token: this.#token, signal: stream.signal, endless: true };
      const response = await this.api.send("GET", `/api/events?${joins.join("&")}`, options);
      await this.#read(response, stream);
      if (!stream.signal.aborted) this.#end(undefined);
    } catch (error) {
      if (stream.signal.aborted || !this.#events) return;
      if (error instanceof HubError && !error.isTransient && !error.isAboutToken) this.#refused(error);
      else this.#end(error);
    }
  }

  #placed(channel: string): string {
    const place = this.#wanted.get(channel)?.place;
    return place ? `${channel}~${place.epoch}~${place.after}` : channel;
  }

  /** One of the channels that are asked for is refused: finds out which, by asking for one more at a time. */
  #refused(error: HubError): void {
    const confirmed = [...this.#wanted].filter(([, wanted]) => wanted.confirmed).map(([channel]) => channel);
    const asked = [...this.#wanted].filter(([, wanted]) => !wanted.confirmed);
    const [first] = asked;
    if (asked.length > 1 && first) {
      void this.#run([...confirmed, first[0]]);
      return;
    }
    // The one that is left is it; without one, what was permitted no longer is.
    const [channel, wanted] = first ?? [confirmed[0] ?? "", undefined];
    this.#wanted.delete(channel);
    const code = error.code ?? "invalid";
    this.#tell({ t: "error", ref: wanted?.ref ?? 0, code, message: error.message, channel });
    this.#restart();
  }

  async #read(response: Response, stream: AbortController): Promise<void> {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done || stream.signal.aborted) return;
      const events = (text + value).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) this.#hear(event);
    }
  }

  #hear(event: string): void {
    const data = event.split("\n").filter((line) => line.startsWith("data:"));
    if (data.length === 0) {
      this.#events?.alive();
      return;
    }
    let frame: ServerFrame;
    try {
      frame = JSON.parse(data.map((line) => line.slice(5).trimStart()).join("\n")) as ServerFrame;
    } catch {
      return;
    }
    if (frame.t === "error" && frame.code === "token_expired") {
      const events = this.#events;
      this.close();
      events?.closed(end("token_expired"));
      return;
    }
    this.#events?.frame(this.#note(frame));
  }

  /** Remembers where the stream stands, and gives answers the references of what they answer. */
  #note(frame: ServerFrame): ServerFrame {
    const wanted = "channel" in frame && frame.channel ? this.#wanted.get(frame.channel) : undefined;
    if (!wanted) return frame;
    switch (frame.t) {
      case "joined": {
        wanted.place = { epoch: frame.epoch, after: wanted.place?.after ?? frame.head };
        const first = !wanted.confirmed;
        wanted.confirmed = true;
        if (first && [...this.#wanted.values()].some((other) => !other.confirmed)) this.#restart();
        return first ? { ...frame, ref: wanted.ref } : frame;
      }
      case "entry":
        if (wanted.place) wanted.place.after = Math.max(wanted.place.after, frame.seq);
        return frame;
      case "resync":
        this.#wanted.delete(frame.channel);
        return { ...frame, ref: wanted.ref };
      default:
        return frame;
    }
  }

  async #post(frame: ClientFrameOf<"send">): Promise<void> {
    const { channel, client_id, text, known } = frame;
    const body = { client_id, text, note: isNotes(channel), ...(known == null ? {} : { known }) };
    const path = { id: conversationOf(channel) ?? "" };
    try {
      const stored = await this.api.request("POST /api/conversations/{id}/messages", {
        path,
        body,
        token: this.#token,
      });
      this.#tell({ t: "ack", channel, client_id, seq: stored.seq, duplicate: stored.duplicate });
    } catch (error) {
      const refused = error instanceof HubError ? error : undefined;
      if (refused?.isAboutToken) {
        this.#end(refused);
        return;
      }
      const transient = refused?.isTransient ?? true;
      const code = refused?.code ?? "unavailable";
      const message = refused?.message ?? "the hub does not answer";
      const again = transient ? { retry_after_ms: refused?.retryAfterMs ?? RETRY_MS } : {};
      this.#tell({ t: "nack", channel, client_id, code, message, ...again });
    }
  }

  /** What need not arrive: the next one makes good for it. */
  #quietly(what: "read" | "typing", channel: string, body: Record<string, unknown>): void {
    const path = `/api/conversations/${conversationOf(channel)}/${what}`;
    this.api.send("POST", path, { body: body as never, token: this.#token }).catch(() => {});
  }
}

/** When a token runs out, as far as it tells: hubs' tokens are JWTs. */
export function expiryOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(
      atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/")),
    );
    const exp = (claims as { exp?: unknown }).exp;
    return typeof exp === "number" ? exp * 1000 : Number.MAX_SAFE_INTEGER;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}
