// A thread as the rows of its list: days, groups of one sender's messages, steps, and the mark of what is unread.

import type { Attachment } from "../hub/awaited";
import type { Author } from "../hub/types";
import { t } from "../i18n";
import type { Item, Pending, Thread } from "./thread";
import { type Tick, tick } from "./ticks";
import { startOfDay } from "./time";

/** The kinds of what somebody said. */
const SAID = new Set(["TEXT", "NOTE", "IMAGE", "FILE"]);

/** Messages of one sender within this time stand in one group. */
const GROUP_MS = 5 * 60_000;

export interface MessageRow {
  kind: "message";
  key: string;
  text: string;
  note: boolean;
  mine: boolean;
  author: Author;
  at: number;
  seq: number;
  /** First of its group: shows name and picture. */
  first: boolean;
  /** Last of its group: shows time and ticks. */
  last: boolean;
  tick: Tick | null;
  pending: Pending | null;
  attachment: Attachment | null;
}

export type Row =
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string }
  | { kind: "system"; key: string; event: string; text: string; agent: string | null; at: number }
  | MessageRow;

interface Context {
  me: string;
  customer: string;
}

/** The rows of a thread, oldest first. */
export function rows(
  thread: Pick<Thread, "items" | "pending" | "receipts" | "unreadAfter">,
  context: Context,
): Row[] {
  const made: Row[] = [];
  let day = 0;
  let group: MessageRow | null = null;
  let marked = thread.unreadAfter === null;
  const separate = (at: number) => {
    const begins = startOfDay(at);
    if (begins === day) return;
    day = begins;
    group = null;
    made.push({ kind: "day", key: `day-${begins}`, at });
  };
  const add = (row: MessageRow) => {
    separate(row.at);
    const joined = group !== null && joins(group, row);
    if (group && joined) group.last = false;
    row.first = !joined;
    made.push(row);
    group = row;
  };
  for (const item of thread.items) {
    const { body } = item.entry;
    if (body.kind === "chat_ended") continue;
    if (body.kind === "SYSTEM") {
      separate(item.entry.at);
      made.push({
        kind: "system",
        key: key(item),
        event: body.event,
        text: body.text,
        agent: body.agent?.name ?? null,
        at: item.entry.at,
      });
      group = null;
      continue;
    }
    if (!SAID.has(body.kind)) continue;
    const mine = item.entry.author.id === context.me;
    if (!marked && !mine && item.seq > (thread.unreadAfter ?? 0)) {
      separate(item.entry.at);
      made.push({ kind: "unread", key: "unread" });
      marked = true;
      group = null;
    }
    add(stored(item, mine, thread, context));
  }
  for (const message of thread.pending) add(underWay(message, context.me));
  return made;
}

function key(item: Item): string {
  const { author, id } = item.entry;
  return `${author.id ?? "system"}/${id}`;
}

function stored(item: Item, mine: boolean, thread: Pick<Thread, "receipts">, context: Context): MessageRow {
  const { body, author, at } = item.entry;
  const note = body.kind === "NOTE" || item.note === true;
  return {
    kind: "message",
    key: key(item),
    text: "text" in body ? (body.text ?? "") : "",
    note,
    mine,
    author,
    at,
    seq: item.seq,
    first: true,
    last: true,
    tick: mine ? (note ? "sent" : tick(item.seq, thread.receipts, [context.customer])) : null,
    pending: null,
    attachment: "attachment" in body ? body.attachment : null,
  };
}

function underWay(message: Pending, me: string): MessageRow {
  return {
    kind: "message",
    key: `${me}/${message.clientId}`,
    text: message.text,
    note: message.note,
    mine: true,
    author: { id: me, name: t("You"), role: "agent" },
    at: message.at,
    seq: 0,
    first: true,
    last: true,
    tick: message.state,
    pending: message,
    attachment: null,
  };
}

function joins(before: MessageRow, row: MessageRow): boolean {
  return before.author.id === row.author.id && before.note === row.note && row.at - before.at < GROUP_MS;
}
