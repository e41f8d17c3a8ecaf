// The tabs of the conversation list: what belongs into each, in which order, and how many.

import type { Conversation } from "../hub/types";
import { t } from "../i18n";

export const TABS = ["mine", "unassigned", "all", "closed"] as const;
export type Tab = (typeof TABS)[number];

export const TAB_NAMES: Record<Tab, string> = {
  mine: t("Mine"),
  unassigned: t("Unassigned"),
  all: t("All"),
  closed: t("Closed"),
};

const URGENCY = { URGENT: 0, HIGH: 1, MEDIUM: 2, LOW: 3 } as const;

/** Whether a conversation belongs into a tab. */
export function belongs(conversation: Conversation, tab: Tab, me: string): boolean {
  switch (tab) {
    case "mine":
      return conversation.status === "active" && conversation.agent?.id === me;
    case "unassigned":
      return conversation.status === "waiting";
    case "all":
      return conversation.status !== "closed";
    case "closed":
      return conversation.status === "closed";
  }
}

/** How many conversations each tab of open ones holds; closed ones are not counted, because not all are known. */
export function counts(
  conversations: Iterable<Conversation>,
  me: string,
): Record<Exclude<Tab, "closed">, number> {
  const found = { mine: 0, unassigned: 0, all: 0 };
  for (const conversation of conversations) {
    if (conversation.status === "closed") continue;
    found.all += 1;
    if (conversation.status === "waiting") found.unassigned += 1;
    else if (conversation.agent?.id === me) found.mine += 1;
  }
  return found;
}

/** When something last happened in it, as far as is known. */
export function lastActivity(conversation: Conversation): number {
  return Math.max(
    conversation.activity?.last_activity_at ?? 0,
    conversation.ended_at ?? 0,
    conversation.assigned_at ?? 0,
    conversation.started_at,
  );
}

/** Whether every word of the filter is in what is known of the conversation. */
export function matches(conversation: Conversation, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = [
    conversation.customer.name,
    conversation.customer.id,
    conversation.agent?.name,
    conversation.issue_type,
    conversation.team,
    conversation.priority,
    conversation.activity?.last_message,
    conversation.id,
  ]
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** A tab's conversations in their order: those who wait by priority and time, all others by last activity. */
export function listed(
  conversations: Iterable<Conversation>,
  tab: Tab,
  me: string,
  filter: string,
): Conversation[] {
  const found: Conversation[] = [];
  for (const conversation of conversations) {
    if (belongs(conversation, tab, me) && matches(conversation, filter)) found.push(conversation);
  }
  if (tab === "unassigned") return found.sort(waitingOrder);
  if (tab === "closed") return found.sort((a, b) => (b.ended_at ?? 0) - (a.ended_at ?? 0) || order(a, b));
  return found.sort((a, b) => lastActivity(b) - lastActivity(a) || order(a, b));
}

function waitingOrder(a: Conversation, b: Conversation): number {
  return (
    URGENCY[a.priority] - URGENCY[b.priority] ||
    (a.queued_at ?? a.started_at) - (b.queued_at ?? b.started_at) ||
    order(a, b)
  );
}

function order(a: Conversation, b: Conversation): number {
  return a.id < b.id ? -1 : 1;
}

/** The conversation with the newer state of the two; the activity that reaches further stays. */
export function newer(known: Conversation | undefined, told: Conversation): Conversation {
  if (!known) return told;
  const activity = later(known.activity, told.activity);
  return told.version < known.version ? { ...known, activity } : { ...told, activity };
}

function later(known: Conversation["activity"], told: Conversation["activity"]): Conversation["activity"] {
  return known && (!told || told.last_seq < known.last_seq) ? known : told;
}

/** The conversation after or before `current` in a list, for moving by keyboard. */
export function neighbour(
  list: readonly Conversation[],
  current: string | null,
  step: 1 | -1,
): string | null {
  if (list.length === 0) return null;
  const place = list.findIndex((conversation) => conversation.id === current);
  if (place < 0) return (step === 1 ? list[0] : list.at(-1))?.id ?? null;
  const next = Math.min(list.length - 1, Math.max(0, place + step));
  return list[next]?.id ?? null;
}
