// The protocol's types under the names that the console uses.

import type { AgentView, ConversationStatus, ConversationView, QueueEntryView } from "@confab/protocol";

export type {
  Author,
  Availability,
  Body,
  Entry,
  Member,
  Party,
  Priority,
  QueueSnapshot,
  Role,
  Watermark,
} from "@confab/protocol";

export type Conversation = ConversationView;
export type Agent = AgentView;
export type Status = ConversationStatus;
export type QueueEntry = QueueEntryView;
