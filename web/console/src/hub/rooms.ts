// The conversations that are followed over a connection, and what they tell.

import type { ChannelListener, Client, From } from "@confab/client";
import {
  conversationChannel,
  type Ephemeral,
  type JoinedFrame,
  notesChannel,
  type Watermark,
} from "@confab/protocol";
import type { Pending } from "../model/thread";
import {
  acknowledged,
  reloadThread,
  takeEntry,
  takeHistory,
  takeMembers,
  takePending,
  takePresence,
  takeReceipt,
  takeTyping,
} from "./threads";
import type { Wire } from "./wire";

/** Makes the way to the hub out of a client. */
export function roomsOf(client: Client): Wire {
  const followed = new Map<string, (() => void)[]>();

  const follow = (id: string, from: From, notesFrom: From) => {
    if (followed.has(id)) return;
    followed.set(id, [
      client.follow(conversationChannel(id), listener(client, id, false), from),
      client.follow(notesChannel(id), listener(client, id, true), notesFrom),
    ]);
    takePending(id, pendingOf(client, id));
  };
  const leave = (id: string) => {
    for (const end of followed.get(id) ?? []) end();
    followed.delete(id);
  };
  const channelOf = (id: string, clientId: string) => {
    const notes = notesChannel(id);
    return client.pending(notes).some((each) => each.clientId === clientId) ? notes : conversationChannel(id);
  };
  return {
    follow: (id, epoch, last, lastNote) => {
      follow(
        id,
        last === null ? "start" : { epoch, seq: last },
        lastNote === null ? "now" : { epoch, seq: lastNote },
      );
    },
    followOnly: (ids) => {
      for (const id of followed.keys()) if (!ids.has(id)) leave(id);
      for (const id of ids) follow(id, "now", "now");
    },
    send: (id, { text, note }) => {
      client.send(note ? notesChannel(id) : conversationChannel(id), text);
    },
    retry: (id, clientId) => client.retry(channelOf(id, clientId), clientId),
    discard: (id, clientId) => client.discard(channelOf(id, clientId), clientId),
    read: (id, seq) => client.read(conversationChannel(id), seq),
    typing: (id, on) => client.typing(conversationChannel(id), on),
    view: (id, on) => client.view(conversationChannel(id), on),
  };
}

/** What is not stored yet of messages and notes to a conversation, in the order they were written. */
export function pendingOf(client: Client, id: string): Pending[] {
  const of = (note: boolean) =>
    client.pending(note ? notesChannel(id) : conversationChannel(id)).map(
      ({ clientId, text, at, refused }): Pending => ({
        clientId,
        text,
        at,
        note,
        state: refused ? "failed" : "sending",
        reason: refused?.message,
      }),
    );
  return [...of(false), ...of(true)].sort((a, b) => a.at - b.at);
}

function listener(client: Client, id: string, note: boolean): ChannelListener {
  return {
    joined: (frame) => {
      if (!note) joined(client, id, frame);
    },
    entry: ({ seq, entry }, epoch) => takeEntry(id, epoch, seq, entry, note),
    event: (event) => {
      if (!note) take(id, event);
    },
    history: (items, fromTheStart) => {
      if (fromTheStart) void reloadThread(id);
      else takeHistory(id, items);
    },
  };
}

function joined(client: Client, id: string, frame: JoinedFrame): void {
  for (const mark of frame.receipts ?? []) takeReceipt(id, mark);
  takeMembers(id, client.welcome?.node ?? "", frame.members ?? []);
}

function take(id: string, event: Ephemeral): void {
  switch (event.kind) {
    case "receipt":
      takeReceipt(id, event as Watermark);
      break;
    case "USER_ONLINE":
      takePresence(id, event.member, event.node, event.viewing);
      break;
    case "USER_OFFLINE":
      takePresence(id, event.member, event.node, null);
      break;
    case "TYPING_START":
      takeTyping(id, event.member, event.expires_ms);
      break;
    case "TYPING_STOP":
      takeTyping(id, event.member, null);
      break;
    default:
      break;
  }
}

/** Takes what the hub says of messages that were sent. */
export function followOutbox(client: Client): void {
  client.on("pending", ({ channel }) => {
    const id = conversation(channel);
    takePending(id, pendingOf(client, id));
  });
  client.on("acked", ({ pending }) => acknowledged(conversation(pending.channel), pending.clientId));
}

function conversation(channel: string): string {
  return channel.split(".")[1] ?? "";
}
