// The channels a client follows: joins, resumes, fills gaps, reads what the log no longer has, tells how far it got.
import type { ClientFrame, Delivery, ErrorCode, JoinedFrame, ServerFrame } from "@confab/protocol";
import { conversationOf, isNotes, isRetryable } from "@confab/protocol";
import type { Api } from "./api";
import { HubError } from "./errors";
import { type ChannelListener, Followed, type From } from "./followed";
import { readMissed } from "./reader";

const RETRY_MS = 500;
const READ_RETRY_MS = 2000;

/** What the channels need of the client around them. */
export interface Surroundings {
  api: Api;
  receipts: boolean;
  send(frame: ClientFrame): void;
  isConnected(): boolean;
  hasPending(channel: string): boolean;
  epochChanged(channel: string): void;
  stored(delivery: Delivery): void;
  trouble(trouble: { channel?: string; code?: ErrorCode | undefined; message: string }): void;
}

export class Rooms {
  readonly #channels = new Map<string, Followed>();
  #reference = 0;

  constructor(readonly around: Surroundings) {}

  follow(channel: string, listener: ChannelListener, from: From): () => void {
    let followed = this.#channels.get(channel);
    if (!followed) {
      followed = new Followed(channel, from);
      this.#channels.set(channel, followed);
      this.join(channel);
    }
    followed.add(listener);
    return () => {
      followed.listeners.delete(listener);
      this.release(channel);
    };
  }

  /** Follows a channel because something is to be sent to it. */
  keep(channel: string): void {
    if (this.#channels.has(channel)) return;
    this.#channels.set(channel, new Followed(channel, "now"));
    this.join(channel);
  }

  /** Leaves a channel in which nobody is interested any more. */
  release(channel: string): void {
    const followed = this.#channels.get(channel);
    if (!followed || followed.listeners.size > 0 || this.around.hasPending(channel)) return;
    this.#channels.delete(channel);
    if (this.around.isConnected()) this.around.send({ t: "leave", channel, ref: this.#next() });
  }

  has(channel: string): boolean {
    return this.#channels.has(channel);
  }

  isJoined(channel: string): boolean {
    return this.#channels.get(channel)?.tracker.isJoined ?? false;
  }

  /** Last sequence of a channel, once it is joined. */
  place(channel: string): number | undefined {
    const tracker = this.#channels.get(channel)?.tracker;
    return tracker?.isJoined ? tracker.seq : undefined;
  }

  read(channel: string, seq: number): void {
    const followed = this.#channels.get(channel);
    if (followed) followed.read.reached = Math.max(followed.read.reached, seq);
  }

  view(channel: string, on: boolean): void {
    const followed = this.#channels.get(channel);
    if (!followed || followed.viewing === on) return;
    followed.viewing = on;
    if (followed.tracker.isJoined) this.around.send({ t: "view", channel, on });
  }

  joinAll(): void {
    for (const channel of this.#channels.keys()) this.join(channel);
  }

  /** Asks for a channel from where it was received last. Not while its history is being read: that ends with asking. */
  join(channel: string): void {
    const followed = this.#channels.get(channel);
    if (!followed || followed.reading || !this.around.isConnected()) return;
    followed.retryAt = undefined;
    followed.reference = this.#next();
    followed.tracker.awaits(followed.reference);
    const frame: ClientFrame = { t: "join", ref: followed.reference, channel };
    const position = followed.tracker.position;
    if (position) {
      frame.after = position.seq;
      if (position.epoch) frame.epoch = position.epoch;
    }
    this.around.send(frame);
  }

  disconnected(): void {
    for (const followed of this.#channels.values()) followed.disconnected();
  }

  tick(now: number): void {
    for (const followed of this.#channels.values()) {
      if (followed.retryAt !== undefined && followed.retryAt <= now) this.join(followed.channel);
      this.#tellWatermarks(followed);
    }
  }

  hear(frame: ServerFrame): void {
    switch (frame.t) {
      case "joined":
        this.#joined(frame);
        break;
      case "resync":
        void this.#resync(frame.channel);
        break;
      case "entry":
        this.#deliver(frame);
        break;
      case "event": {
        const { event } = frame;
        this.#channels.get(frame.channel)?.tell((listener) => listener.event?.(event));
        break;
      }
      case "error":
        this.#refused(frame.ref ?? 0, frame.code, frame.message, frame.channel ?? undefined);
        break;
      default:
        break;
    }
  }

  #next(): number {
    this.#reference += 1;
    return this.#reference;
  }

  #joined(frame: JoinedFrame): void {
    const followed = this.#channels.get(frame.channel);
    if (!followed) return;
    const refilled = followed.tracker.isJoined;
    const { behind, otherEpoch } = followed.tracker.joined(frame);
    if (otherEpoch) this.around.epochChanged(frame.channel);
    if (refilled) return;
    followed.joined(frame, behind);
    if (followed.viewing) this.around.send({ t: "view", channel: frame.channel, on: true });
  }

  #deliver(delivery: Delivery): void {
    const followed = this.#channels.get(delivery.channel);
    if (!followed) return;
    switch (followed.tracker.receive(delivery.seq, delivery.prev)) {
      case "next": {
        followed.delivered.reached = delivery.seq;
        const epoch = followed.tracker.position?.epoch ?? "";
        this.around.stored(delivery);
        followed.tell((listener) => listener.entry?.(delivery, epoch));
        break;
      }
      case "gap":
        this.join(delivery.channel);
        break;
      case "known":
      case "awaited":
        break;
    }
  }

  async #resync(channel: string): Promise<void> {
    const followed = this.#channels.get(channel);
    if (!followed) return;
    if (!conversationOf(channel)) {
      followed.tracker.moveTo(undefined);
      this.join(channel);
      followed.tell((listener) => listener.resync?.());
      return;
    }
    followed.tracker.disconnected();
    if (followed.reading) return;
    followed.reading = true;
    const last = followed.tracker.position;
    try {
      const missed = await readMissed(this.around.api, channel, last?.epoch ? last : undefined);
      followed.reading = false;
      const { position } = missed;
      const moved = last?.seq !== position.seq || last.epoch !== position.epoch;
      followed.tracker.moveTo(position);
      followed.delivered.reached = Math.max(followed.delivered.reached, position.seq);
      this.around.epochChanged(channel);
      // Without a move the database has not caught up with the log's oldest entry yet.
      if (moved) this.join(channel);
      else followed.retryAt = Date.now() + RETRY_MS;
      if (missed.items.length > 0 || missed.fromTheStart) {
        followed.tell((listener) => listener.history?.(missed.items, missed.fromTheStart, missed.before));
      }
    } catch (error) {
      followed.reading = false;
      followed.retryAt = Date.now() + READ_RETRY_MS;
      const message = error instanceof Error ? error.message : String(error);
      this.around.trouble({ channel, code: error instanceof HubError ? error.code : undefined, message });
    }
  }

  #refused(reference: number, code: ErrorCode, message: string, channel: string | undefined): void {
    const asked = [...this.#channels.values()].find(
      (followed) => reference > 0 && followed.reference === reference,
    );
    if (asked && isRetryable(code)) {
      asked.retryAt = Date.now() + RETRY_MS;
    } else if (asked) {
      this.#channels.delete(asked.channel);
      asked.tell((listener) => listener.refused?.(code, message));
    }
    const about = asked?.channel ?? channel;
    this.around.trouble({ ...(about ? { channel: about } : {}), code, message });
  }

  #tellWatermarks(followed: Followed): void {
    const { channel, delivered, read } = followed;
    if (!conversationOf(channel) || isNotes(channel) || !followed.tracker.isJoined) return;
    const frame: ClientFrame = { t: "receipt", channel };
    const arrived = this.around.receipts ? delivered.due() : undefined;
    const seen = read.due();
    if (arrived === undefined && seen === undefined) return;
    if (arrived !== undefined) {
      frame.delivered = arrived;
      delivered.told = arrived;
    }
    if (seen !== undefined) {
      frame.read = seen;
      read.told = seen;
    }
    this.around.send(frame);
  }
}
