// Messages that were written and are not known to be stored, in their order. Pure: time is an argument.
import type { ErrorCode } from "@confab/protocol";

/** A message that is not known to be stored. */
export interface Pending {
  /** Its id: the same for every attempt. */
  clientId: string;
  /** Where it goes. */
  channel: string;
  text: string;
  /** When it was written, in milliseconds since 1970. */
  at: number;
  /** Last sequence of the channel known when it was first tried; absent before that. */
  known?: number | undefined;
  /** Why the hub will not take it as it is. */
  refused?: { code: ErrorCode; message: string } | undefined;
}

type Attempt = { kind: "due" } | { kind: "sent"; at: number } | { kind: "later"; at: number };

interface Slot {
  pending: Pending;
  attempt: Attempt;
}

/** What to send next. */
export interface Outgoing {
  pending: Pending;
  /** To be given with the message: absent at the first try. */
  known: number | undefined;
}

/**
 * All of them. At most `window` messages of a channel are under way at a time: with 1, one author's messages are stored
 * in the order in which they were written, even when the hub turns some away for a while.
 */
export class Outbox {
  #slots: Slot[] = [];

  constructor(readonly window = 1) {}

  /** All of them, oldest first. */
  get pending(): readonly Pending[] {
    return this.#slots.map((slot) => slot.pending);
  }

  /** Channels to which something is to be sent. */
  get channels(): Set<string> {
    const open = this.#slots.filter((slot) => !slot.pending.refused);
    return new Set(open.map((slot) => slot.pending.channel));
  }

  find(channel: string, clientId: string): Pending | undefined {
    return this.#find(channel, clientId)?.pending;
  }

  /** Puts a message at the end, or one of an earlier run, which may have reached the hub. */
  push(pending: Pending): void {
    if (this.#find(pending.channel, pending.clientId)) return;
    this.#slots.push({ pending, attempt: { kind: "due" } });
  }

  /** The next message to send: of a channel that `ready` gives a sequence for, within the window. */
  next(now: number, ready: (channel: string) => number | undefined): Outgoing | undefined {
    const underWay = new Map<string, number>();
    for (const { pending, attempt } of this.#slots) {
      if (attempt.kind === "sent") underWay.set(pending.channel, (underWay.get(pending.channel) ?? 0) + 1);
    }
    const passed = new Set<string>();
    for (const slot of this.#slots) {
      const { pending, attempt } = slot;
      if (pending.refused) continue;
      const due = attempt.kind === "due" || (attempt.kind === "later" && attempt.at <= now);
      const room = (underWay.get(pending.channel) ?? 0) < this.window;
      const seq = ready(pending.channel);
      if (due && room && seq !== undefined && !passed.has(pending.channel)) {
        const known = pending.known;
        pending.known ??= seq;
        slot.attempt = { kind: "sent", at: now };
        return { pending, known };
      }
      // What comes after a message that has to wait, waits too.
      if (!due && this.window === 1) passed.add(pending.channel);
    }
    return undefined;
  }

  /** The message is stored, or its author gave it up: takes it out. */
  remove(channel: string, clientId: string): Pending | undefined {
    const slot = this.#find(channel, clientId);
    this.#slots = this.#slots.filter((other) => other !== slot);
    return slot?.pending;
  }

  /** The hub turned it away for now. */
  postpone(channel: string, clientId: string, until: number): void {
    const slot = this.#find(channel, clientId);
    if (slot) slot.attempt = { kind: "later", at: until };
  }

  /** The hub refused it for good: it stays until its author tries again or gives it up. */
  refuse(channel: string, clientId: string, code: ErrorCode, message: string): Pending | undefined {
    const slot = this.#find(channel, clientId);
    if (!slot) return undefined;
    slot.attempt = { kind: "due" };
    slot.pending.refused = { code, message };
    return slot.pending;
  }

  /** Its author wants it sent again, behind what was written since. */
  retry(channel: string, clientId: string): Pending | undefined {
    const pending = this.remove(channel, clientId);
    if (!pending) return undefined;
    pending.refused = undefined;
    this.push(pending);
    return pending;
  }

  /** The connection is gone: everything is to be sent again. */
  disconnected(): void {
    for (const slot of this.#slots) slot.attempt = { kind: "due" };
  }

  /** When the oldest message was sent that is not answered yet. */
  oldestSent(): number | undefined {
    const sent = this.#slots.map(({ attempt }) =>
      attempt.kind === "sent" ? attempt.at : Number.POSITIVE_INFINITY,
    );
    const oldest = Math.min(...sent);
    return Number.isFinite(oldest) ? oldest : undefined;
  }

  /** Sends again what was not answered for `limit`. */
  expire(now: number, limit: number): void {
    for (const slot of this.#slots) {
      if (slot.attempt.kind === "sent" && now - slot.attempt.at >= limit) slot.attempt = { kind: "due" };
    }
  }

  /** The log of a channel began anew: what was known of the old one says nothing, so all of the new one is searched. */
  epochChanged(channel: string): void {
    for (const { pending } of this.#slots) {
      if (pending.channel === channel && pending.known !== undefined) pending.known = 0;
    }
  }

  #find(channel: string, clientId: string): Slot | undefined {
    return this.#slots.find(({ pending }) => pending.channel === channel && pending.clientId === clientId);
  }
}
