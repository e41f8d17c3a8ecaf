// One conversation's entries as the console holds them: stored ones in the log's order, own ones under way after them.

import type { Entry, Member, Watermark } from "../hub/types";

/** A stored entry with its place. Notes and messages share the shard's sequences, so one order holds for both. */
export interface Item {
  seq: number;
  epoch: string;
  entry: Entry;
  /** Whether it is private, from the notes' channel. */
  note?: boolean;
}

/** An own message that is not acknowledged yet. */
export interface Pending {
  clientId: string;
  note: boolean;
  text: string;
  at: number;
  /** `sent`: stored, and its entry is on its way back. */
  state: "sending" | "sent" | "failed";
  /** Why it failed, to show. */
  reason?: string;
}

/** Somebody in the room, through one or several nodes. */
export interface Presence {
  member: Member;
  nodes: Record<string, boolean>;
}

export interface Thread {
  status: "empty" | "loading" | "ready" | "failed";
  items: Item[];
  pending: Pending[];
  receipts: Record<string, Watermark>;
  present: Record<string, Presence>;
  typing: Record<string, { member: Member; until: number }>;
  /** Place before which older entries lie; null at the beginning. */
  before: string | null;
  loadingOlder: boolean;
  /** What is unread began after this sequence; kept while the thread is open, so that the mark stays put. */
  unreadAfter: number | null;
}

export const emptyThread: Thread = {
  status: "empty",
  items: [],
  pending: [],
  receipts: {},
  present: {},
  typing: {},
  before: null,
  loadingOlder: false,
  unreadAfter: null,
};

function precedes(left: Item, right: Item): boolean {
  if (left.epoch === right.epoch) return left.seq < right.seq;
  return left.entry.at < right.entry.at;
}

function same(left: Item, right: Item): boolean {
  return left.seq === right.seq && left.epoch === right.epoch;
}

/** The items with another one in its place; the same array when it is there already. */
export function withItem(items: Item[], item: Item): Item[] {
  let place = items.length;
  while (place > 0) {
    const before = items[place - 1];
    if (before === undefined) break;
    if (same(before, item)) return items;
    if (precedes(before, item)) break;
    place -= 1;
  }
  return [...items.slice(0, place), item, ...items.slice(place)];
}

/** The items of both, each once, in the log's order. */
export function withPage(items: Item[], page: Item[]): Item[] {
  if (items.length === 0) return page;
  const known = new Set(items.map((item) => `${item.epoch}/${item.seq}`));
  const fresh = page.filter((item) => !known.has(`${item.epoch}/${item.seq}`));
  if (fresh.length === 0) return items;
  const last = fresh[fresh.length - 1];
  const first = items[0];
  if (last && first && precedes(last, first)) return [...fresh, ...items];
  return [...items, ...fresh].sort((left, right) => (precedes(left, right) ? -1 : 1));
}

/** The pending messages without the one that `item` is the stored form of. */
export function withoutStored(pending: Pending[], item: Item, me: string): Pending[] {
  if (item.entry.author.id !== me) return pending;
  const left = pending.filter((message) => message.clientId !== item.entry.id);
  return left.length === pending.length ? pending : left;
}

/** Both watermarks, the larger of each: receipts come late, twice and out of order. */
export function withReceipt(receipts: Record<string, Watermark>, mark: Watermark): Record<string, Watermark> {
  const known = receipts[mark.user_id];
  const read = Math.max(known?.read ?? 0, mark.read ?? 0);
  const delivered = Math.max(known?.delivered ?? 0, mark.delivered ?? 0, read);
  if (known && known.read === read && known.delivered === delivered) return receipts;
  return { ...receipts, [mark.user_id]: { user_id: mark.user_id, read, delivered } };
}

/** Who is in the room after somebody came to it or left it by way of `node`. */
export function withPresence(
  present: Record<string, Presence>,
  member: Member,
  node: string,
  viewing: boolean | null,
): Record<string, Presence> {
  const nodes = { ...present[member.id]?.nodes };
  if (viewing === null) delete nodes[node];
  else nodes[node] = viewing;
  const next = { ...present };
  if (Object.keys(nodes).length === 0) delete next[member.id];
  else next[member.id] = { member, nodes };
  return next;
}

/** Colleagues who look at the conversation now. */
export function viewers(thread: Thread, me: string): Member[] {
  return Object.values(thread.present)
    .filter(
      ({ member, nodes }) =>
        member.id !== me && member.role !== "customer" && Object.values(nodes).some(Boolean),
    )
    .map(({ member }) => member);
}

/** Whether the customer is connected. */
export function customerIsHere(thread: Thread): boolean {
  return Object.values(thread.present).some(({ member }) => member.role === "customer");
}

/** Those who type at `now`, other than oneself. */
export function typists(thread: Thread, me: string, now: number): Member[] {
  return Object.values(thread.typing)
    .filter(({ member, until }) => member.id !== me && until > now)
    .map(({ member }) => member);
}

/** The highest stored sequence, 0 when nothing is stored. */
export function lastSeq(thread: Thread): number {
  return thread.items.at(-1)?.seq ?? 0;
}
