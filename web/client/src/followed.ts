// A channel that a client follows: where it stands, who listens, and how far the person has got.
import type { Delivery, Ephemeral, ErrorCode, HistoryItem, JoinedFrame } from "@confab/protocol";
import { notify } from "./emitter";
import { type Position, Tracker } from "./tracker";

/** What a channel tells. */
export interface ChannelListener {
  /** The channel is followed; `behind` tells that entries come that were missed. After each connection. */
  joined?(frame: JoinedFrame, behind: boolean): void;
  /** An entry, in order, once. */
  entry?(delivery: Delivery, epoch: string): void;
  /** Something that does not last: typing, presence, receipts, places in the queue. */
  event?(event: Ephemeral): void;
  /**
   * What was missed was read from the history: items that come once, oldest first, and go on where the last entry was;
   * with `fromTheStart` they replace everything, and `before` names the page before them.
   */
  history?(items: HistoryItem[], fromTheStart: boolean, before: string | null): void;
  /** What was missed on a personal or desk channel is gone: ask for the lists again. */
  resync?(): void;
  /** The hub doesn't let this person follow the channel. */
  refused?(code: ErrorCode, message: string): void;
}

/** Where to begin: with what comes from now on, with the first entry, or after a place. */
export type From = "now" | "start" | Position;

class Watermark {
  reached = 0;
  told = 0;

  due(): number | undefined {
    return this.reached > this.told ? this.reached : undefined;
  }
}

export class Followed {
  readonly tracker: Tracker;
  readonly listeners = new Set<ChannelListener>();
  readonly delivered = new Watermark();
  readonly read = new Watermark();
  /** Reference of the join under way. */
  reference = 0;
  /** When to ask for it again. */
  retryAt: number | undefined;
  /** Whether the history is being read. */
  reading = false;
  viewing = false;
  #joined: JoinedFrame | undefined;

  constructor(
    readonly channel: string,
    from: From,
  ) {
    this.tracker = new Tracker(from === "now" ? undefined : from === "start" ? { seq: 0, epoch: "" } : from);
  }

  add(listener: ChannelListener): void {
    this.listeners.add(listener);
    const joined = this.#joined;
    if (joined && this.tracker.isJoined) notify(() => listener.joined?.(joined, false));
  }

  joined(frame: JoinedFrame, behind: boolean): void {
    this.#joined = frame;
    this.tell((listener) => listener.joined?.(frame, behind));
  }

  tell(call: (listener: ChannelListener) => void): void {
    for (const listener of [...this.listeners]) notify(() => call(listener));
  }

  disconnected(): void {
    this.tracker.disconnected();
    this.retryAt = undefined;
    this.delivered.told = 0;
    this.read.told = 0;
  }
}
