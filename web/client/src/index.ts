// Talk to a Confab hub: live, lasting, exactly once. See README.md.
export { type Answer, Api, type ApiOptions, type RequestOptions } from "./api";
export { Client, type ClientEvents, type ClientOptions, type Started } from "./client";
export { type End, type EndName, endOfCode, type Next } from "./close";
export { type Codec, json } from "./codec";
export { Conversation, type ConversationOptions, type ConversationSnapshot } from "./conversation";
export { type Credentials, credentialsOf, type Renewal, renewalBy } from "./credentials";
export { Emitter } from "./emitter";
export { type Failure, HubError } from "./errors";
export type { ChannelListener, From } from "./followed";
export { newId } from "./ids";
export { hasEnded, isMessage, type Message, type MessageState } from "./messages";
export type { Pending } from "./outbox";
export type { Present } from "./presence";
export type { ConnectionState } from "./state";
export { BrowserStorage, defaultStorage, type KeyValueStorage, MemoryStorage } from "./storage";
export type { Position } from "./tracker";
export type { TransportKind } from "./transport/transport";
export { TypingSignal, TypingWatch } from "./typing";
