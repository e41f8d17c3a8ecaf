// The messages of a conversation, in one order, each once, with their states. Pure.
import type { Author, Entry, HistoryItem, Member, Watermark } from "@confab/protocol";
import { conversationOf } from "@confab/protocol";
import type { Pending } from "./outbox";

/** How far a message of one's own has got. */
export type MessageState = "sending" | "sent" | "delivered" | "read" | "failed";

/** What stands in a conversation: a message, or a step of its life. */
export interface Message {
  /** The same from writing until forever: good as a key of a list. */
  key: string;
  /** The author's id of it. */
  clientId: string;
  channel: string;
  note: boolean;
  author: Author;
  /** When it was stored, or written while it is not. */
  at: number;
  body: Entry["body"];
  /** Its place; absent until it is stored. */
  seq?: number;
  epoch?: string;
  /** Whether the person who looks wrote it. */
  mine: boolean;
  /** For messages of one's own. */
  state?: MessageState;
  /** Why it failed. */
  error?: { code: string; message: string };
}

interface Placed {
  channel: string;
  seq: number;
  epoch: string;
  note: boolean;
  entry: Entry;
}

export class Messages {
  /** Oldest first. */
  #entries: Message[] = [];
  readonly #keys = new Map<string, Message>();
  /** Stored by the hub's word, not come back as an entry yet. */
  readonly #acked = new Map<string, Message>();
  readonly #receipts = new Map<string, { delivered: number; read: number }>();
  /** Epochs, oldest first. */
  readonly #epochs: string[] = [];

  constructor(
    readonly me: Member,
    readonly peer: string | undefined,
  ) {}

  /** The last sequence of the conversation itself. */
  get lastSeq(): number {
    return this.#entries.findLast((message) => !message.note)?.seq ?? 0;
  }

  /** Messages of others above one's own read mark. */
  get unread(): number {
    const read = this.#receipts.get(this.me.id)?.read ?? 0;
    const current = this.#epochs.at(-1);
    return this.#entries.filter((message) => {
      const counts = !message.mine && isMessage(message) && !message.note;
      return counts && message.epoch === current && (message.seq ?? 0) > read;
    }).length;
  }

  clear(): void {
    this.#entries = [];
    this.#keys.clear();
    this.#epochs.length = 0;
  }

  entry(placed: Placed): void {
    this.#know(placed.epoch);
    this.#put(this.#message(placed));
  }

  /** Takes a page of the history, in any order of pages. */
  history(items: readonly HistoryItem[]): void {
    // Epochs of an older page come before those that are known already.
    const known = this.#epochs[0];
    let place = 0;
    for (const { epoch } of items) {
      if (this.#epochs.includes(epoch)) continue;
      const older = known !== undefined && items.at(-1)?.epoch === known;
      if (older || known === undefined) this.#epochs.splice(place, 0, epoch);
      else this.#epochs.push(epoch);
      place += 1;
    }
    for (const item of items) {
      this.#put(this.#message({ ...item, note: item.note ?? false, channel: "" }));
    }
  }

  acked(pending: Pending, seq: number): void {
    const message = this.#pending(pending);
    if (this.#keys.has(message.key)) return;
    this.#acked.set(message.key, { ...message, seq, state: "sent" });
  }

  /** Takes watermarks, which only grow. */
  receipts(watermarks: readonly Watermark[]): void {
    for (const { user_id, delivered = 0, read = 0 } of watermarks) {
      const before = this.#receipts.get(user_id) ?? { delivered: 0, read: 0 };
      const upTo = Math.max(before.read, read);
      this.#receipts.set(user_id, { read: upTo, delivered: Math.max(before.delivered, delivered, upTo) });
    }
  }

  /** Whether that is news. */
  markRead(seq: number): boolean {
    if ((this.#receipts.get(this.me.id)?.read ?? 0) >= seq) return false;
    this.receipts([{ user_id: this.me.id, delivered: seq, read: seq }]);
    return true;
  }

  /** Everything, with what is pending at the end. */
  list(pending: readonly Pending[]): Message[] {
    const stored = this.#entries.map((message) =>
      message.mine && isMessage(message) ? { ...message, state: this.#state(message.seq ?? 0) } : message,
    );
    const waiting = pending
      .map((item) => this.#pending(item))
      .filter(({ key }) => !this.#keys.has(key) && !this.#acked.has(key));
    return [...stored, ...this.#acked.values(), ...waiting];
  }

  #state(seq: number): MessageState {
    let [delivered, read] = [0, 0];
    for (const [user, mark] of this.#receipts) {
      if (this.peer === undefined ? user === this.me.id : user !== this.peer) continue;
      delivered = Math.max(delivered, mark.delivered);
      read = Math.max(read, mark.read);
    }
    if (read >= seq) return "read";
    return delivered >= seq ? "delivered" : "sent";
  }

  #know(epoch: string): void {
    if (!this.#epochs.includes(epoch)) this.#epochs.push(epoch);
  }

  #put(message: Message): void {
    this.#acked.delete(message.key);
    if (this.#keys.has(message.key)) return;
    this.#keys.set(message.key, message);
    let at = this.#entries.length;
    while (at > 0 && this.#after(this.#entries[at - 1], message)) at -= 1;
    this.#entries.splice(at, 0, message);
  }

  #after(one: Message | undefined, other: Message): boolean {
    if (!one) return false;
    const epochs = this.#epochs.indexOf(one.epoch ?? "") - this.#epochs.indexOf(other.epoch ?? "");
    return epochs !== 0 ? epochs > 0 : (one.seq ?? 0) > (other.seq ?? 0);
  }

  #message({ channel, seq, epoch, note, entry }: Placed): Message {
    const { author, at, body, id } = entry;
    const key = keyOf(author.id ?? "", id);
    return {
      key,
      clientId: id,
      channel,
      note,
      author,
      at,
      body,
      seq,
      epoch,
      mine: author.id === this.me.id,
    };
  }

  #pending({ channel, clientId, text, at, refused }: Pending): Message {
    const note = channel.endsWith(".notes") && conversationOf(channel) !== undefined;
    const message: Message = {
      key: keyOf(this.me.id, clientId),
      clientId,
      channel,
      note,
      author: this.me,
      at,
      body: note ? { kind: "NOTE", text } : { kind: "TEXT", text },
      mine: true,
      state: refused ? "failed" : "sending",
    };
    return refused ? { ...message, error: refused } : message;
  }
}

function keyOf(author: string, id: string): string {
  return `${author}:${id}`;
}

/** Whether the hub answered by itself: a message that no person wrote. */
export function isAutomatic(message: Pick<Message, "author" | "body">): boolean {
  return message.author.id == null && isMessage(message);
}

/** Whether this is something a person said, as opposed to something that happened. */
export function isMessage(message: Pick<Message, "body">): boolean {
  const { kind } = message.body;
  return kind !== "SYSTEM" && kind === kind.toUpperCase();
}

/** Whether a conversation with these messages has ended. */
export function hasEnded(messages: readonly Message[]): boolean {
  const step = messages.findLast(({ body }) => {
    return body.kind === "chat_ended" || (body.kind === "SYSTEM" && body.event === "CONVERSATION_REOPENED");
  });
  return step?.body.kind === "chat_ended";
}
