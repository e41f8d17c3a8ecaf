// Keeps the desk in step with the hub: the connection, the feeds, and what to load when.

import { Client, type ConnectionState } from "@confab/client";
import type { Ephemeral, QueueSnapshot } from "@confab/protocol";
import { go } from "../app/routes";
import { t } from "../i18n";
import { attention } from "../model/attention";
import { toast } from "../ui/toasts";
import { loadDesk, loadOpen, refreshSoon } from "./actions";
import type { ServiceNotice } from "./awaited";
import { desk, type Link, resetDesk, takeAgents, takeConversations } from "./desk";
import { attend } from "./notify";
import { loadOffers } from "./offers";
import { followOutbox, roomsOf } from "./rooms";
import { api, keepCredentials, logOut, sessions } from "./session";
import { followOwn } from "./threads";
import { takeTicket } from "./tickets";
import type { Conversation, Entry } from "./types";
import { setWire } from "./wire";

/** What isn't told by feeds (others' last messages) is asked for again when it is older than this. */
const STALE_MS = 60_000;

/** Connects as whoever is logged in; the answer ends it. */
export function connect(): (() => void) | undefined {
  const { session } = sessions.getState();
  if (!session) return undefined;
  const { user } = session;
  resetDesk({ id: user.id, tenant: user.tenant, name: user.name, role: user.role });
  const client = new Client({
    url: api.url,
    credentials: session.credentials,
    name: "confab-console/0.1.0",
    scope: `${user.tenant}.${user.id}`,
  });
  const ends: (() => void)[] = [];
  let followsFeeds = false;
  client.on("state", (state) => {
    desk.setState({ link: linkOf(state) });
    if (state.status === "stopped" && state.end.name === "signed_out") {
      logOut(t("Your session has ended. Please log in again."));
    }
    if (state.status !== "connected" || followsFeeds) return;
    followsFeeds = true;
    const { feed, desk: deskFeed } = state.welcome;
    ends.push(client.follow(feed, { entry: ({ entry }) => takePersonal(entry) }));
    if (deskFeed)
      ends.push(
        client.follow(deskFeed, {
          entry: ({ entry }) => takeDesk(entry),
          event: takeDeskEvent,
          resync: load,
        }),
      );
    load();
  });
  client.on("credentials", keepCredentials);
  followOutbox(client);
  setWire(roomsOf(client));
  ends.push(desk.subscribe((now, before) => now.conversations !== before.conversations && followOwn()));
  ends.push(
    sessions.subscribe(({ session: now }) => {
      if (now && now.credentials.token !== client.credentials.token) client.credentials = now.credentials;
    }),
  );
  ends.push(refreshOnReturn());
  client.connect();
  return () => {
    for (const end of ends) end();
    setWire(null);
    client.stop();
  };
}

/** Begins to load what a page needs first. */
function load(): void {
  void loadOpen();
  void loadDesk();
  void loadOffers();
}

/** The connection as the indicator shows it. */
export function linkOf(state: ConnectionState): Link {
  switch (state.status) {
    case "idle":
      return { state: "connecting" };
    case "connecting":
      return state.attempt > 0 ? { state: "lost", reason: "", retryAt: null } : { state: "connecting" };
    case "connected":
      return { state: state.transport === "sse" ? "fallback" : "live" };
    case "waiting":
      return { state: "lost", reason: state.end.name, retryAt: state.retryAt };
    case "stopped":
      return { state: "ended", reason: ended(state.end.name) };
  }
}

function ended(name: string): string {
  if (name === "unsupported_version") return t("The hub has a newer version. Reload the page.");
  return t("The connection has ended. Reload the page.");
}

function refreshOnReturn(): () => void {
  let at = Date.now();
  const look = () => {
    if (document.visibilityState !== "visible" || Date.now() - at < STALE_MS) return;
    at = Date.now();
    if (desk.getState().link.state === "live") void loadOpen();
  };
  addEventListener("focus", look);
  const timer = setInterval(look, STALE_MS);
  return () => {
    removeEventListener("focus", look);
    clearInterval(timer);
  };
}

function takePersonal({ body }: Entry): void {
  const { me } = desk.getState();
  if (body.kind === "new_chat") {
    takeConversations([body.conversation]);
    refreshSoon();
    if (body.conversation.agent?.id !== me.id) return;
    const { customer, issue_type } = body.conversation;
    attend("new_chat", attention, {
      conversation: body.conversation_id,
      title: customer.name,
      text: issue_type,
    });
  } else if (body.kind === "mentioned") {
    const news = { conversation: body.conversation_id, title: body.by.name, text: body.text };
    attend("mention", attention, news);
  } else if (body.kind === "escalated") {
    const { customer, id } = body.conversation;
    takeConversations([body.conversation]);
    attend("escalated", attention, {
      conversation: id,
      title: body.by.name,
      text: [customer.name, body.note].filter(Boolean).join(": "),
    });
  } else if (body.kind === "chat_removed") {
    takeConversations([body.conversation]);
    const { customer, agent, status } = body.conversation;
    if (status === "active" && agent && agent.id !== me.id) {
      toast(t("{agent} now has the conversation with {name}", { agent: agent.name, name: customer.name }));
    }
  }
}

function takeDesk({ body }: Entry): void {
  switch (body.kind) {
    case "conversation_changed":
      takeChanged(body.conversation);
      break;
    case "agent_changed":
      takeAgents([body.agent]);
      break;
    case "service_level":
      takeNotice(body.notice);
      break;
    case "ticket_changed":
      takeTicket(body.ticket.id, body.ticket);
      break;
    case "ticket_deleted":
      takeTicket(body.ticket_id, null);
      break;
    default:
      break;
  }
}

function takeNotice({ ticket_id, subject, goal, state }: ServiceNotice): void {
  const first = goal === "first_response";
  const late = first ? t("Too late for the first response") : t("Too late for the resolution");
  const soon = first
    ? t("Little time left for the first response")
    : t("Little time left for the resolution");
  toast(state === "breached" ? late : soon, {
    text: subject,
    tone: state === "breached" ? "bad" : "plain",
    action: { label: t("Open"), run: () => go(`/tickets/${ticket_id}`) },
  });
}

function takeChanged(conversation: Conversation): void {
  const before = desk.getState().conversations[conversation.id];
  takeConversations([conversation]);
  const begins = conversation.status === "waiting" && before?.status !== "waiting";
  if (!begins || (before && before.version > conversation.version)) return;
  refreshSoon();
  const { customer, issue_type, id } = conversation;
  attend("waiting", attention, { conversation: id, title: customer.name, text: issue_type });
}

function takeDeskEvent(event: Ephemeral): void {
  if (event.kind === "queue:snapshot") desk.setState({ queue: event as QueueSnapshot });
}
