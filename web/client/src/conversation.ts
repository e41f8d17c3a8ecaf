// One conversation as a screen shows it: its messages in order with their states, who types, who is there.
// A store: `subscribe` tells that something changed, `snapshot` is a new value then.
import type { Ephemeral, ErrorCode, HistoryItem, JoinedFrame, Member, Watermark } from "@confab/protocol";
import { conversationChannel, notesChannel } from "@confab/protocol";
import type { Client } from "./client";
import { notify } from "./emitter";
import { HubError } from "./errors";
import type { ChannelListener, From } from "./followed";
import { hasEnded, type Message, Messages } from "./messages";
import { Presence, type Present } from "./presence";
import { TypingSignal, TypingWatch } from "./typing";

const PAGE = 50;
const RETRY_MS = 2000;

export interface ConversationOptions {
  /** Who looks at it. */
  me: Member;
  /** Whose receipts make a message delivered and read; everybody else's unless given. */
  peer?: string;
  /** Whether private notes belong to it; agents only. */
  notes?: boolean;
  /** `history` reads the newest page first; `start` suits a conversation that has just begun. */
  from?: "history" | "start";
}

export interface ConversationSnapshot {
  /** `loading` until there is something to show; `refused` when it is not for this person. */
  phase: "loading" | "ready" | "refused";
  refusal?: { code: ErrorCode | undefined; message: string };
  /** Entries and what is not stored yet, in order. */
  messages: readonly Message[];
  /** Whether there is more before the first message. */
  hasOlder: boolean;
  isLoadingOlder: boolean;
  /** Who else types. */
  typing: readonly Member[];
  /** Who else is there, and whether they look at it. */
  present: readonly Present[];
  /** Messages of others that were not read yet. */
  unread: number;
  /** Whether it has ended. */
  ended: boolean;
}

export class Conversation {
  readonly channel: string;
  readonly #client: Client;
  readonly #options: ConversationOptions;
  readonly #messages: Messages;
  readonly #typing: TypingWatch;
  readonly #signal: TypingSignal;
  readonly #presence: Presence;
  readonly #listeners = new Set<() => void>();
  readonly #ends: (() => void)[] = [];
  #snapshot: ConversationSnapshot | undefined;
  #phase: ConversationSnapshot["phase"] = "loading";
  #refusal: ConversationSnapshot["refusal"];
  #before: string | null = null;
  #loadingOlder = false;
  #closed = false;

  constructor(
    client: Client,
    readonly id: string,
    options: ConversationOptions,
  ) {
    this.#client = client;
    this.#options = options;
    this.channel = conversationChannel(id);
    this.#messages = new Messages(options.me, options.peer);
    this.#typing = new TypingWatch(options.me.id, () => this.#changed());
    this.#signal = new TypingSignal((on) => client.typing(this.channel, on));
    this.#presence = new Presence(options.me.id);
    this.#ends.push(
      client.on("pending", ({ channel }) => {
        if (channel === this.channel || channel === notesChannel(id)) this.#changed();
      }),
      client.on("acked", ({ pending, seq }) => {
        if (pending.channel === this.channel || pending.channel === notesChannel(id)) {
          this.#messages.acked(pending, seq);
        }
      }),
    );
    if (options.from === "start") this.#follow("start", "start");
    else void this.#load();
  }

  /** Tells that something changed; the function it returns ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What there is to show. The same value until something changes. */
  readonly snapshot = (): ConversationSnapshot => {
    this.#snapshot ??= this.#look();
    return this.#snapshot;
  };

  /** Writes a message, or a private note. It shows at once. */
  send(text: string, note = false): string {
    this.#signal.stop();
    return this.#client.send(note ? notesChannel(this.id) : this.channel, text).clientId;
  }

  /** Sends a refused message again. */
  retry(message: Message): void {
    this.#client.retry(message.channel, message.clientId);
  }

  /** Gives up a refused message. */
  discard(message: Message): void {
    this.#client.discard(message.channel, message.clientId);
  }

  /** To be called at each change of what the person types. */
  typed(text: string): void {
    if (text.trim() === "") this.#signal.stop();
    else this.#signal.typed();
  }

  /** Tells that everything that there is was seen. */
  markRead(): void {
    const seq = this.#messages.lastSeq;
    if (seq === 0 || !this.#messages.markRead(seq)) return;
    this.#client.read(this.channel, seq);
    this.#changed();
  }

  /** Tells that the conversation came to the foreground, or left it. */
  view(on: boolean): void {
    this.#client.view(this.channel, on);
  }

  /** Reads the page before the first message. */
  async loadOlder(): Promise<void> {
    if (!this.#before || this.#loadingOlder) return;
    this.#loadingOlder = true;
    this.#changed();
    try {
      const page = await this.#page(this.#before);
      this.#messages.history(page.items);
      this.#before = page.before ?? null;
    } finally {
      this.#loadingOlder = false;
      this.#changed();
    }
  }

  /** Ends following it. */
  close(): void {
    this.#closed = true;
    this.#signal.stop();
    this.#typing.clear();
    for (const end of this.#ends) end();
    this.#listeners.clear();
  }

  #page(before?: string) {
    const query = before ? { limit: PAGE, before } : { limit: PAGE };
    return this.#client.api.request("GET /api/conversations/{id}/messages", { path: { id: this.id }, query });
  }

  async #load(): Promise<void> {
    try {
      const page = await this.#page();
      if (this.#closed) return;
      this.#messages.history(page.items);
      this.#messages.receipts(page.receipts);
      this.#before = page.before ?? null;
      const after = (note: boolean): From => {
        const last = page.items.findLast(
          (item) => item.epoch === page.epoch && (item.note ?? false) === note,
        );
        return { seq: last?.seq ?? 0, epoch: page.epoch };
      };
      this.#phase = "ready";
      this.#follow(after(false), after(true));
      this.#changed();
    } catch (error) {
      if (this.#closed) return;
      if (error instanceof HubError && !error.isTransient && !error.isAboutToken) {
        this.#refused(error.code, error.message);
      } else {
        setTimeout(() => !this.#closed && void this.#load(), RETRY_MS);
      }
    }
  }

  #follow(from: From, notesFrom: From): void {
    this.#ends.push(this.#client.follow(this.channel, this.#listener(false), from));
    if (this.#options.notes) {
      this.#ends.push(this.#client.follow(notesChannel(this.id), this.#listener(true), notesFrom));
    }
  }

  #listener(note: boolean): ChannelListener {
    return {
      joined: (frame) => this.#joined(frame, note),
      entry: ({ channel, seq, entry }, epoch) => {
        this.#messages.entry({ channel, seq, entry, epoch, note });
        if (entry.author.id) this.#typing.stopped(entry.author.id);
        this.#changed();
      },
      event: (event) => this.#event(event),
      history: (items, fromTheStart, before) => this.#missed(items, fromTheStart, before, note),
      refused: (code, message) => this.#refused(code, message),
    };
  }

  #joined(frame: JoinedFrame, note: boolean): void {
    this.#phase = "ready";
    if (!note) {
      this.#messages.receipts(frame.receipts ?? []);
      this.#presence.reset(frame.members ?? []);
    }
    this.#changed();
  }

  #missed(items: HistoryItem[], fromTheStart: boolean, before: string | null, note: boolean): void {
    if (fromTheStart && !note) {
      this.#messages.clear();
      this.#before = before;
    }
    this.#messages.history(items);
    this.#changed();
  }

  #event(event: Ephemeral): void {
    switch (event.kind) {
      case "TYPING_START":
        this.#typing.started(event.member, event.expires_ms);
        return;
      case "TYPING_STOP":
        this.#typing.stopped(event.member.id);
        return;
      case "receipt":
        this.#messages.receipts([event as Watermark]);
        break;
      case "USER_ONLINE":
        this.#presence.arrived(event.member, event.node, event.viewing);
        break;
      case "USER_OFFLINE":
        this.#presence.left(event.member.id, event.node);
        this.#typing.stopped(event.member.id);
        break;
      default:
        return;
    }
    this.#changed();
  }

  #refused(code: ErrorCode | undefined, message: string): void {
    this.#phase = "refused";
    this.#refusal = { code, message };
    this.#changed();
  }

  #look(): ConversationSnapshot {
    const pending = [...this.#client.pending(this.channel)];
    if (this.#options.notes) pending.push(...this.#client.pending(notesChannel(this.id)));
    const messages = this.#messages.list(pending);
    return {
      phase: this.#phase,
      ...(this.#refusal ? { refusal: this.#refusal } : {}),
      messages,
      hasOlder: this.#before !== null,
      isLoadingOlder: this.#loadingOlder,
      typing: this.#typing.members,
      present: this.#presence.members,
      unread: this.#messages.unread,
      ended: hasEnded(messages),
    };
  }

  #changed(): void {
    this.#snapshot = undefined;
    for (const listener of [...this.#listeners]) notify(listener);
  }
}
