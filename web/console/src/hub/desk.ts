// What the console knows of the desk: conversations, agents, the queue, and the threads that were opened.
// The functions here only put together what is told; who tells it and who asks for it is `live.ts` and `actions.ts`.

import { createStore, useStore } from "zustand";
import { counts, newer } from "../model/lists";
import { emptyThread, type Thread } from "../model/thread";
import type { Agent, Conversation, QueueSnapshot, Role } from "./types";

/** How the connection is, as the Live indicator shows it. */
export type Link =
  | { state: "connecting" }
  | { state: "live" }
  | { state: "lost"; reason: string; retryAt: number | null }
  | { state: "fallback" }
  | { state: "ended"; reason: string };

export interface Me {
  id: string;
  tenant: string;
  name: string;
  role: Role;
}

export type Loading = "idle" | "loading" | "ready" | "failed";

export interface Desk {
  me: Me;
  link: Link;
  conversations: Record<string, Conversation>;
  open: Loading;
  closed: Loading;
  closedCursor: string | null;
  agents: Record<string, Agent>;
  queue: QueueSnapshot | null;
  threads: Record<string, Thread>;
  unread: Record<string, number>;
  /** The conversation on the screen. */
  viewing: string | null;
}

export const NOBODY: Me = { id: "", tenant: "", name: "", role: "agent" };

function fresh(me: Me): Desk {
  return {
    me,
    link: { state: "connecting" },
    conversations: {},
    open: "idle",
    closed: "idle",
    closedCursor: null,
    agents: {},
    queue: null,
    threads: {},
    unread: {},
    viewing: null,
  };
}

export const desk = createStore<Desk>(() => fresh(NOBODY));

/** A part of the desk, for components: they are drawn again when it changes. */
export function useDesk<T>(select: (state: Desk) => T): T {
  return useStore(desk, select);
}

/** Begins with an empty desk for somebody who logged in. */
export function resetDesk(me: Me): void {
  desk.setState(fresh(me), true);
}

/** Takes conversations that were told, by whatever way: the newer state of each wins. */
export function takeConversations(told: readonly Conversation[]): void {
  if (told.length === 0) return;
  desk.setState(({ conversations, unread, viewing }) => {
    const known = { ...conversations };
    const marks = { ...unread };
    for (const conversation of told) {
      const { id, activity } = conversation;
      const isNews = activity && activity.last_seq >= (known[id]?.activity?.last_seq ?? 0);
      known[id] = newer(known[id], conversation);
      if (isNews && id !== viewing) marks[id] = activity.unread;
      if (conversation.status === "closed") delete marks[conversation.id];
    }
    return { conversations: known, unread: marks };
  });
}

/** Takes agents that were told; the newer state of each wins. */
export function takeAgents(told: readonly Agent[]): void {
  desk.setState(({ agents }) => {
    const known = { ...agents };
    for (const agent of told) {
      const before = known[agent.id];
      if (!before || agent.version >= before.version) known[agent.id] = agent;
    }
    return { agents: known };
  });
}

/** Changes one thread. */
export function changeThread(id: string, change: (thread: Thread) => Partial<Thread>): void {
  desk.setState(({ threads }) => {
    const thread = threads[id] ?? emptyThread;
    const changed = change(thread);
    if (Object.keys(changed).length === 0) return {};
    return { threads: { ...threads, [id]: { ...thread, ...changed } } };
  });
}

/** Takes a message into a conversation's preview, and counts it as unread when it is to be. */
export function noteMessage(id: string, text: string, at: number, unread: boolean, seq: number): void {
  desk.setState((state) => {
    const conversation = state.conversations[id];
    if (!conversation) return {};
    const before = conversation.activity;
    if (before && before.last_seq >= seq) return {};
    const activity = {
      message_count: (before?.message_count ?? 0) + 1,
      last_seq: seq,
      last_activity_at: at,
      last_message: text.slice(0, 140),
      unread: before?.unread ?? 0,
    };
    const conversations = { ...state.conversations, [id]: { ...conversation, activity } };
    if (!unread) return { conversations };
    return { conversations, unread: { ...state.unread, [id]: (state.unread[id] ?? 0) + 1 } };
  });
}

/** Forgets that anything is unread in a conversation. */
export function clearUnread(id: string): void {
  desk.setState(({ unread }) => {
    if (!unread[id]) return {};
    const left = { ...unread };
    delete left[id];
    return { unread: left };
  });
}

/** How many messages are unread in the person's own conversations. */
export function unreadTotal({ conversations, unread, me }: Desk): number {
  let total = 0;
  for (const [id, count] of Object.entries(unread)) {
    if (conversations[id]?.agent?.id === me.id) total += count;
  }
  return total;
}

/** The numbers at the tabs. */
export function tabCounts({ conversations, me }: Desk): ReturnType<typeof counts> {
  return counts(Object.values(conversations), me.id);
}

/** Whether somebody leads others: sees and changes more than their own. */
export function leads(role: Role): boolean {
  return role === "supervisor" || role === "admin";
}
