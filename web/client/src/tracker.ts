// Where a client stands in a channel, and what a delivery means to it. Pure.

/** A place in a channel. */
export interface Position {
  /** Last sequence received; 0 before the first. */
  seq: number;
  /** The log's epoch it belongs to; empty before anything is known of it. */
  epoch: string;
}

/** What to do with a delivery. */
export type Verdict =
  /** It is the next one: take it. */
  | "next"
  /** It was taken before: drop it. */
  | "known"
  /** Something before it is missing: drop it and join again. */
  | "gap"
  /** Something is missing, and a join for it is under way: drop it. */
  | "awaited";

/** Follows one channel. */
export class Tracker {
  #position: Position | undefined;
  #awaited: number | undefined;
  #joined = false;

  constructor(position?: Position) {
    this.#position = position && { ...position };
  }

  get position(): Position | undefined {
    return this.#position && { ...this.#position };
  }

  /** Last sequence received; 0 before the first. */
  get seq(): number {
    return this.#position?.seq ?? 0;
  }

  /** Whether the hub has confirmed the join of this connection. */
  get isJoined(): boolean {
    return this.#joined;
  }

  /** A join with this reference was sent: until its answer, gaps are no news. */
  awaits(reference: number): void {
    this.#awaited = reference;
  }

  /** The connection is gone, and with it what was asked on it. */
  disconnected(): void {
    this.#awaited = undefined;
    this.#joined = false;
  }

  /** The hub follows the channel for this client. Without a position the client stands at the head now. */
  joined(frame: { ref?: number; epoch: string; head: number }): { behind: boolean; otherEpoch: boolean } {
    this.#joined = true;
    if (this.#awaited === (frame.ref ?? 0)) this.#awaited = undefined;
    const before = this.#position;
    if (!before) {
      this.#position = { seq: frame.head, epoch: frame.epoch };
      return { behind: false, otherEpoch: false };
    }
    this.#position = { seq: before.seq, epoch: frame.epoch };
    return {
      behind: frame.head > before.seq,
      otherEpoch: before.epoch !== "" && before.epoch !== frame.epoch,
    };
  }

  /** Judges a delivery and, when it is the next one, moves to it. */
  receive(seq: number, prev: number): Verdict {
    const position = this.#position;
    if (!position) return "awaited";
    if (seq <= position.seq) return "known";
    if (prev <= position.seq) {
      position.seq = seq;
      return "next";
    }
    return this.#awaited === undefined ? "gap" : "awaited";
  }

  /** What was missed was read elsewhere: go on after it. */
  moveTo(position: Position | undefined): void {
    this.#position = position && { ...position };
    this.#awaited = undefined;
    this.#joined = false;
  }
}
