// The protocol's types under the names that the console uses.

import type {
  AgentView,
  Entry as AnyEntry,
  Author,
  ConversationStatus,
  ConversationView,
  QueueEntryView,
} from "@confab/protocol";
import type { Attachment, ServiceNotice, TicketView } from "./awaited";

export type {
  Author,
  Availability,
  Member,
  Party,
  Priority,
  QueueSnapshot,
  Role,
  Watermark,
} from "@confab/protocol";

/** A conversation; labels and snoozing are there when the hub knows of them. */
export type Conversation = ConversationView & { labels?: string[]; snoozed_until?: number | null };
/** What entries say, with kinds that the hub learned after the console. */
export type Body =
  | AnyEntry["body"]
  | { kind: "IMAGE"; attachment: Attachment; text?: string | null }
  | { kind: "FILE"; attachment: Attachment; text?: string | null }
  | { kind: "mentioned"; conversation_id: string; by: Author; text: string }
  | { kind: "escalated"; conversation: ConversationView; by: Author; note?: string | null }
  | { kind: "service_level"; notice: ServiceNotice }
  | { kind: "ticket_changed"; ticket: TicketView }
  | { kind: "ticket_deleted"; ticket_id: string };

export type Entry = Omit<AnyEntry, "body"> & { body: Body };

export type Agent = AgentView;
export type Status = ConversationStatus;
export type QueueEntry = QueueEntryView;
