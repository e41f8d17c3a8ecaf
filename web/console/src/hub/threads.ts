// Opens conversations, loads their history, and puts what arrives into them.

import type { HistoryItem } from "@confab/protocol";
import { attention } from "../model/attention";
import {
  emptyThread,
  type Item,
  type Pending,
  withItem,
  withoutStored,
  withPage,
  withPresence,
  withReceipt,
} from "../model/thread";
import { changeThread, clearUnread, desk, noteMessage, takeConversations } from "./desk";
import { attend } from "./notify";
import { api } from "./session";
import type { Entry, Member, Watermark } from "./types";
import { wire } from "./wire";

const PAGE = 50;
/** How long a typing signal is repeated after the last key. */
const TYPING_MS = 4000;

/** Whether a conversation is to be followed while it isn't on the screen: the person's own, as long as they run. */
export function isFollowed(id: string): boolean {
  const { conversations, me, viewing } = desk.getState();
  const conversation = conversations[id];
  if (id === viewing) return true;
  return conversation?.status === "active" && conversation.agent?.id === me.id;
}

/** Follows what is to be followed, and nothing else, from now on. */
export function followOwn(): void {
  const { conversations } = desk.getState();
  const wanted = Object.keys(conversations).filter(isFollowed);
  wire().followOnly(new Set(wanted));
}

/** Puts a conversation on the screen. */
export async function openConversation(id: string): Promise<void> {
  desk.setState({ viewing: id });
  const thread = desk.getState().threads[id] ?? emptyThread;
  changeThread(id, () => ({ unreadAfter: null }));
  if (thread.status !== "ready") await loadThread(id);
  if (desk.getState().viewing === id) wire().view(id, true);
}

/** Takes a conversation off the screen. */
export function leaveConversation(id: string): void {
  wire().view(id, false);
  if (desk.getState().viewing === id) desk.setState({ viewing: null });
  followOwn();
}

/** Loads the newest page and follows the conversation from its end. */
export async function loadThread(id: string): Promise<void> {
  changeThread(id, () => ({ status: "loading" }));
  try {
    const path = { id };
    const known = desk.getState().conversations[id];
    const [conversation, page] = await Promise.all([
      known?.activity ? known : api.request("GET /api/conversations/{id}", { path }),
      api.request("GET /api/conversations/{id}/messages", { path, query: { limit: PAGE } }),
    ]);
    takeConversations([conversation]);
    const { me, unread } = desk.getState();
    const own = page.receipts.find((mark) => mark.user_id === me.id);
    const items: Item[] = page.items.map(({ seq, epoch, entry, note }) => ({
      seq,
      epoch,
      entry: entry as Entry,
      note,
    }));
    changeThread(id, (thread) => ({
      status: "ready",
      items: withPage(thread.items, items),
      receipts: page.receipts.reduce(withReceipt, thread.receipts),
      before: page.before ?? null,
      unreadAfter: unread[id] ? (own?.read ?? 0) : null,
    }));
    const last = page.items.findLast((item) => !item.note && item.epoch === page.epoch);
    const lastNote = page.items.findLast((item) => item.note && item.epoch === page.epoch);
    wire().follow(id, page.epoch, last?.seq ?? null, lastNote?.seq ?? null);
  } catch {
    changeThread(id, () => ({ status: "failed" }));
  }
}

/** Loads what lies before what is shown. */
export async function loadOlder(id: string): Promise<void> {
  const thread = desk.getState().threads[id];
  if (thread?.status !== "ready" || thread.before === null || thread.loadingOlder) return;
  const { before } = thread;
  changeThread(id, () => ({ loadingOlder: true }));
  try {
    const query = { limit: PAGE, before };
    const page = await api.request("GET /api/conversations/{id}/messages", { path: { id }, query });
    const items: Item[] = page.items.map(({ seq, epoch, entry, note }) => ({
      seq,
      epoch,
      entry: entry as Entry,
      note,
    }));
    changeThread(id, (now) => ({
      items: withPage(now.items, items),
      before: page.before ?? null,
      loadingOlder: false,
    }));
  } catch {
    changeThread(id, () => ({ loadingOlder: false }));
  }
}

/** Takes an entry of a conversation's log. */
export function takeEntry(id: string, epoch: string, seq: number, entry: Entry, note = false): void {
  const item: Item = { seq, epoch, entry, note };
  const { me } = desk.getState();
  changeThread(id, (thread) => {
    const { [entry.author.id ?? ""]: _, ...typing } = thread.typing;
    return {
      items: withItem(thread.items, item),
      pending: withoutStored(thread.pending, item, me.id),
      typing,
    };
  });
  const { body } = entry;
  // Who is named in a note is told on their own feed.
  if (body.kind === "NOTE" || note) return;
  if (body.kind === "TEXT") takeMessage(id, seq, entry, body.text);
  else if (body.kind === "IMAGE" || body.kind === "FILE") {
    takeMessage(id, seq, entry, body.text ?? body.attachment.name);
  }
}

function takeMessage(id: string, seq: number, entry: Entry, text: string): void {
  const { me, conversations } = desk.getState();
  const mine = entry.author.id === me.id;
  noteMessage(id, text, entry.at, !mine && !isWatched(id), seq);
  if (!mine && conversations[id]?.agent?.id === me.id) tell(id, entry, text);
}

function isWatched(id: string): boolean {
  return desk.getState().viewing === id && document.visibilityState === "visible" && document.hasFocus();
}

function tell(id: string, entry: Entry, text: string): void {
  attend("message", attention, { conversation: id, title: entry.author.name, text });
}

/** Takes watermarks of somebody. */
export function takeReceipt(id: string, mark: Watermark): void {
  changeThread(id, (thread) => {
    const receipts = withReceipt(thread.receipts, mark);
    return receipts === thread.receipts ? {} : { receipts };
  });
}

/** Takes that somebody is here (looking or not), or gone. */
export function takePresence(id: string, member: Member, node: string, viewing: boolean | null): void {
  changeThread(id, (thread) => ({ present: withPresence(thread.present, member, node, viewing) }));
}

/** Takes who is here when a conversation is joined. */
export function takeMembers(id: string, node: string, members: readonly Member[]): void {
  changeThread(id, () => ({
    present: members.reduce((present, member) => withPresence(present, member, node, false), {}),
  }));
}

/** Takes that somebody types, or stopped. */
export function takeTyping(id: string, member: Member, expiresMs: number | null): void {
  changeThread(id, (thread) => {
    const { [member.id]: _, ...others } = thread.typing;
    if (expiresMs === null) return { typing: others };
    return { typing: { ...others, [member.id]: { member, until: Date.now() + expiresMs } } };
  });
}

/** Takes what is not stored yet of the person's messages to a conversation. */
export function takePending(id: string, pending: Pending[]): void {
  const { me } = desk.getState();
  changeThread(id, (thread) => {
    const own = thread.items.slice(-200).filter(({ entry }) => entry.author.id === me.id);
    const stored = new Set(own.map(({ entry }) => entry.id));
    const sent = thread.pending.filter(({ state }) => state === "sent");
    const left = [...sent, ...pending].filter(({ clientId }) => !stored.has(clientId));
    return left.length === 0 && thread.pending.length === 0 ? {} : { pending: left };
  });
}

/** Takes that a message is stored: it is shown as sent until its entry comes. */
export function acknowledged(id: string, clientId: string): void {
  changeThread(id, ({ pending }) => ({
    pending: pending.map((each) => (each.clientId === clientId ? { ...each, state: "sent" as const } : each)),
  }));
}

/** Takes entries that were missed and read from the history. */
export function takeHistory(id: string, items: readonly HistoryItem[]): void {
  for (const { epoch, seq, entry, note } of items) takeEntry(id, epoch, seq, entry as Entry, note);
}

/** Writes a message or a note; it is shown at once and sent when that is possible. */
export function sendMessage(id: string, message: { text: string; note: boolean }): void {
  changeThread(id, () => ({ unreadAfter: null }));
  wire().send(id, message);
}

export function retryMessage(id: string, clientId: string): void {
  wire().retry(id, clientId);
}

export function discardMessage(id: string, clientId: string): void {
  wire().discard(id, clientId);
}

/** Says how far one has got. */
export function seen(id: string, seq: number): void {
  clearUnread(id);
  wire().read(id, seq);
}

const typingTimers = new Map<string, ReturnType<typeof setTimeout>>();

/** Says that one types; after a while without a key it ends by itself. */
export function setTyping(id: string, on: boolean): void {
  const timer = typingTimers.get(id);
  if (!on && !timer) return;
  clearTimeout(timer);
  typingTimers.delete(id);
  wire().typing(id, on);
  if (on)
    typingTimers.set(
      id,
      setTimeout(() => setTyping(id, false), TYPING_MS),
    );
}

/** Reads a conversation anew: its log can't tell what was missed. */
export async function reloadThread(id: string): Promise<void> {
  const thread = desk.getState().threads[id];
  if (!thread || thread.status === "empty") return;
  changeThread(id, () => ({ items: [], before: null }));
  await loadThread(id);
}
