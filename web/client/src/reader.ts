// Reads from the history what the log no longer has, for channels of conversations.
import { conversationOf, type HistoryItem, isNotes } from "@confab/protocol";
import type { Api } from "./api";
import type { Position } from "./tracker";

const PAGE = 100;
/** Pages read at most: a client that missed more than this starts with the newest. */
const PAGES = 50;

/** What was missed. */
export interface Missed {
  /** Oldest first. */
  items: HistoryItem[];
  /** Where to go on in the log. */
  position: Position;
  /** Whether the items replace everything: what the client had last is not among them. */
  fromTheStart: boolean;
  /** For the page before the first item, when there is one. */
  before: string | null;
}

/** Reads back to `last`, newest page first. */
export async function readMissed(api: Api, channel: string, last: Position | undefined): Promise<Missed> {
  const notes = isNotes(channel);
  const path = { id: conversationOf(channel) ?? "" };
  let items: HistoryItem[] = [];
  let epoch: string | undefined;
  let before: string | null = null;
  let found = false;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const query: { limit: number; before?: string } = before ? { limit: PAGE, before } : { limit: PAGE };
    const page = await api.request("GET /api/conversations/{id}/messages", { path, query });
    epoch ??= page.epoch;
    const own = page.items.filter((item) => (item.note ?? false) === notes);
    const newer = newerThan(own, last);
    found = newer.found;
    items = [...newer.items, ...items];
    before = page.before ?? null;
    if (found || !before || !last) break;
  }
  const of = epoch ?? "";
  const seq = items.findLast((item) => item.epoch === of)?.seq;
  const kept = found && last?.epoch === of ? last.seq : 0;
  return { items, position: { seq: seq ?? kept, epoch: of }, fromTheStart: !found, before };
}

/** The items of a page, oldest first, that lie after `last`, and whether the page reaches back to it. */
export function newerThan(
  items: HistoryItem[],
  last: Position | undefined,
): { items: HistoryItem[]; found: boolean } {
  const reached = items.findLastIndex((item) => item.epoch === last?.epoch && item.seq <= last.seq);
  return { items: items.slice(reached + 1), found: reached >= 0 };
}
