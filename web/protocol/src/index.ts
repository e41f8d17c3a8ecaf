// What the hub and its clients say to each other. Almost all of it is written from the hub's code by
// `cargo xtask generate`; this file adds what types alone can't say.
export * from "./generated";

import type { ClientFrame, Entry, Ephemeral, ErrorCode, Routes, ServerFrame } from "./generated";

/** The version of the protocol that these types describe. */
export const PROTOCOL_VERSION = 1;

/** Subprotocols of the WebSocket, by how frames are written. */
export const SUBPROTOCOLS = { json: "confab.json.v1", msgpack: "confab.msgpack.v1" } as const;

/** A frame of one type, such as `ServerFrameOf<"joined">`. */
export type ServerFrameOf<T extends ServerFrame["t"]> = Extract<ServerFrame, { t: T }>;
export type ClientFrameOf<T extends ClientFrame["t"]> = Extract<ClientFrame, { t: T }>;

/** The body of an entry of one kind, such as `BodyOf<"TEXT">`. */
export type BodyOf<K extends Entry["body"]["kind"]> = Extract<Entry["body"], { kind: K }>;

/** An event of one kind, such as `EventOf<"TYPING_START">`. */
export type EventOf<K extends Ephemeral["kind"]> = Extract<Ephemeral, { kind: K }>;

/** `GET /api/agents` and the like. */
export type Route = keyof Routes;

/** Whether the same request may be made again, unchanged, after a while. */
export function isRetryable(code: ErrorCode): boolean {
  return code === "rate_limited" || code === "unavailable" || code === "timeout";
}

/** The channel of a conversation's messages. */
export function conversationChannel(id: string): string {
  return `conv.${id}`;
}

/** The channel of a conversation's private notes. */
export function notesChannel(id: string): string {
  return `conv.${id}.notes`;
}

/** The conversation that a channel belongs to, if it is one of a conversation. */
export function conversationOf(channel: string): string | undefined {
  const [kind, id] = channel.split(".");
  return kind === "conv" ? id : undefined;
}

/** Whether a channel is one of private notes. */
export function isNotes(channel: string): boolean {
  return channel.startsWith("conv.") && channel.endsWith(".notes");
}
