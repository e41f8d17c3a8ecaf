// What the person does, as requests to the hub. A refusal is told in a toast; nothing here throws.

import { HubError } from "@confab/client";
import type { ConversationResponse, TransferRequest } from "@confab/protocol";
import { t } from "../i18n";
import { toast } from "../ui/toasts";
import type { EscalateRequest } from "./awaited";
import { desk, type Loading, takeAgents, takeConversations } from "./desk";
import { ask, isOffered } from "./offers";
import { api } from "./session";
import type { Availability, Conversation, Status } from "./types";

export * from "./threads";

const PAGE = 100;
/** Open conversations that are loaded at once; beyond it, the filter and the search find the rest. */
const MOST_OPEN = 1000;
/** The database has a message a moment after the log has it. */
const REFRESH_MS = 1500;

/** A refusal in words. */
export function reasonOf(error: unknown): string {
  if (error instanceof HubError) {
    const winner = error.failure.kind === "refused" ? error.failure.problem.winner : null;
    if (error.code === "already_assigned" && winner)
      return t("{name} was faster and has it.", { name: winner.name });
    if (error.code === "capacity_exceeded") return t("There is no free slot: close a conversation first.");
    return sentence(error.message);
  }
  return error instanceof Error ? sentence(error.message) : t("It did not work.");
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed
    ? trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".")
    : "";
}

function newKey(): string {
  return crypto.randomUUID();
}

/** Does something that changes a conversation; answers with why it was refused, if it was. */
async function change(
  what: string,
  run: () => Promise<{ conversation: Conversation }>,
): Promise<string | null> {
  try {
    const { conversation } = await run();
    takeConversations([conversation]);
    return null;
  } catch (error) {
    const reason = reasonOf(error);
    toast(what, { text: reason, tone: "bad" });
    return reason;
  }
}

/** Loads all open conversations, page by page. */
export async function loadOpen(): Promise<void> {
  desk.setState({ open: "loading" });
  try {
    await Promise.all([loadAll("active"), loadAll("waiting")]);
    desk.setState({ open: "ready" });
  } catch {
    desk.setState({ open: "failed" });
  }
}

async function loadAll(status: Status): Promise<void> {
  let cursor: string | undefined;
  for (let loaded = 0; loaded < MOST_OPEN; loaded += PAGE) {
    const page = await api.request("GET /api/conversations", { query: { status, limit: PAGE, cursor } });
    takeConversations(page.items);
    cursor = page.next_cursor ?? undefined;
    if (!cursor) return;
  }
}

let refreshing: ReturnType<typeof setTimeout> | null = null;

/** Asks soon, and once for all that asked, what was said in conversations that just came. */
export function refreshSoon(): void {
  if (refreshing) return;
  refreshing = setTimeout(() => {
    refreshing = null;
    const asked: [Status, string | undefined][] = [
      ["active", "me"],
      ["waiting", undefined],
    ];
    for (const [status, agent] of asked) {
      const query = { status, agent, limit: PAGE };
      api.request("GET /api/conversations", { query }).then(
        (page) => takeConversations(page.items),
        () => {},
      );
    }
  }, REFRESH_MS);
}

/** Loads the next page of closed conversations. */
export async function loadClosed(): Promise<void> {
  const { closed, closedCursor } = desk.getState();
  if (closed === "loading" || (closed === "ready" && closedCursor === null)) return;
  desk.setState({ closed: "loading" });
  let outcome: Loading = "ready";
  try {
    const query = { status: "closed" as const, limit: PAGE, cursor: closedCursor ?? undefined };
    const page = await api.request("GET /api/conversations", { query });
    takeConversations(page.items);
    desk.setState({ closedCursor: page.next_cursor ?? null });
  } catch {
    outcome = "failed";
  }
  desk.setState({ closed: outcome });
}

/** Loads agents and queue; the feed tells changes of them. */
export async function loadDesk(): Promise<void> {
  try {
    const [agents, queue] = await Promise.all([
      api.request("GET /api/agents"),
      api.request("GET /api/agent/queue"),
    ]);
    takeAgents(agents);
    desk.setState((state) => (state.queue && state.queue.at > queue.at ? {} : { queue }));
  } catch {
    // The next connection tries again, and the feed brings what changes.
  }
}

/** A customer's conversations, newest first. */
export async function customerHistory(user_id: string): Promise<Conversation[]> {
  const page = await api.request("GET /api/chat/history/{user_id}", {
    path: { user_id },
    query: { limit: 20 },
  });
  return page.items;
}

/** Takes a waiting conversation; answers whether it is now one's own. */
export async function accept(id: string): Promise<boolean> {
  const refused = await change(t("Not accepted"), () =>
    api.request("POST /api/agent/conversations/{id}/accept", { path: { id }, idempotencyKey: newKey() }),
  );
  return refused === null;
}

/** Takes a conversation over from whoever has it. */
export async function assignToMe(id: string): Promise<void> {
  if (!isOffered("POST /api/agent/conversations/{id}/take-over")) {
    await transfer(id, { agent: desk.getState().me.id });
    return;
  }
  await change(t("Not taken over"), () =>
    ask<ConversationResponse>("POST /api/agent/conversations/{id}/take-over", {
      path: { id },
      idempotencyKey: newKey(),
    }),
  );
}

/** Hands a conversation on; answers with why it was refused, if it was. */
export function transfer(id: string, body: TransferRequest): Promise<string | null> {
  return change(t("Not transferred"), () =>
    api.request("POST /api/agent/conversations/{id}/transfer", {
      path: { id },
      body,
      idempotencyKey: newKey(),
    }),
  );
}

/** Ends a conversation, with a way back. */
export async function closeConversation(id: string): Promise<void> {
  const refused = await change(t("Not closed"), () =>
    api.request("POST /api/conversations/{id}/close", { path: { id }, idempotencyKey: newKey() }),
  );
  if (refused) return;
  const name = desk.getState().conversations[id]?.customer.name ?? "";
  toast(t("Closed the conversation with {name}", { name }), {
    tone: "good",
    action: { label: t("Reopen"), run: () => void reopen(id) },
  });
}

export async function reopen(id: string): Promise<void> {
  await change(t("Not reopened"), () =>
    api.request("POST /api/conversations/{id}/reopen", { path: { id }, idempotencyKey: newKey() }),
  );
}

/** Puts a conversation back into its queue. */
export async function requeue(id: string): Promise<void> {
  const refused = await change(t("Not put back"), () =>
    api.request("POST /api/conversations/{id}/queue", { path: { id }, idempotencyKey: newKey() }),
  );
  if (!refused) toast(t("Back in the queue"), { tone: "good" });
}

/** Makes a conversation more urgent and tells those who lead; answers with why it was refused, if it was. */
export async function escalate(id: string, body: EscalateRequest): Promise<string | null> {
  const refused = await change(t("Not escalated"), () =>
    ask<ConversationResponse>("POST /api/conversations/{id}/escalate", {
      path: { id },
      body,
      idempotencyKey: newKey(),
    }),
  );
  if (!refused) toast(t("Escalated: supervisors are told"), { tone: "good" });
  return refused;
}

/** Puts a conversation aside until a time. */
export async function snooze(id: string, until: number): Promise<void> {
  const refused = await change(t("Not put aside"), () =>
    ask<ConversationResponse>("POST /api/conversations/{id}/snooze", {
      path: { id },
      body: { until },
      idempotencyKey: newKey(),
    }),
  );
  if (!refused)
    toast(t("Put aside"), { tone: "good", action: { label: t("Undo"), run: () => void wake(id) } });
}

/** Brings a conversation back that was put aside. */
export async function wake(id: string): Promise<void> {
  await change(t("Not brought back"), () =>
    ask<ConversationResponse>("DELETE /api/conversations/{id}/snooze", {
      path: { id },
      idempotencyKey: newKey(),
    }),
  );
}

/** Sets all labels of a conversation. */
export async function setLabels(id: string, labels: string[]): Promise<void> {
  await change(t("Labels not changed"), () =>
    ask<ConversationResponse>("PUT /api/conversations/{id}/labels", {
      path: { id },
      body: { labels },
      idempotencyKey: newKey(),
    }),
  );
}

/** Says whether one takes conversations. */
export async function setAvailability(availability: Availability): Promise<void> {
  try {
    takeAgents([
      await api.request("PUT /api/agent/availability", { body: { availability }, idempotencyKey: newKey() }),
    ]);
  } catch (error) {
    toast(t("Availability not changed"), { text: reasonOf(error), tone: "bad" });
  }
}

/** Says it for a colleague, or for oneself. */
export async function setAgentAvailability(id: string, availability: Availability): Promise<void> {
  if (id === desk.getState().me.id) return setAvailability(availability);
  try {
    const options = { path: { id }, body: { availability }, idempotencyKey: newKey() };
    takeAgents([await api.request("PUT /api/admin/support/agents/{id}/status", options)]);
  } catch (error) {
    toast(t("Availability not changed"), { text: reasonOf(error), tone: "bad" });
  }
}
