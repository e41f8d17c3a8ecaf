// The bodies of people, teams, settings, webhooks and files, as far as the console uses them.

import type { Role } from "@confab/protocol";

/** Who of several free agents gets the next conversation. */
export type AssignmentPolicy = "manual" | "round_robin" | "least_busy" | "longest_idle";

/** `GET /api/admin/settings` and `PUT /api/admin/settings`: assignment and lifecycle. Times are in milliseconds. */
export interface SettingsBody {
  policy: AssignmentPolicy;
  vanish_grace_ms: number;
  idle_warning_ms: number;
  idle_close_ms: number;
  abandon_ms: number;
  estimate_window_ms: number;
}

/** A person who can log in, as admins see them. */
export interface AccountView {
  id: string;
  login: string;
  name: string;
  role: Role;
  email?: string | null;
  disabled: boolean;
  capacity?: number | null;
  skills?: string[];
  teams?: string[];
  version: number;
}

/** A page of people. */
export interface AccountPage {
  items: AccountView[];
  next_cursor?: string | null;
}

/** `POST /api/admin/users`. */
export interface NewAccount {
  id?: string | null;
  login: string;
  name: string;
  role: Role;
  password?: string | null;
  email?: string | null;
  capacity?: number | null;
  skills?: string[];
  teams?: string[];
}

/** `PUT /api/admin/users/{id}`: what is left out stays as it is. */
export interface AccountEdit {
  name?: string | null;
  role?: Role | null;
  email?: string | null;
  disabled?: boolean | null;
  capacity?: number | null;
  skills?: string[] | null;
  teams?: string[] | null;
}

/** A team. */
export interface TeamView {
  id: string;
  name: string;
  members: string[];
  version: number;
}

/** What becomes of a message that a content filter matches. */
export type FilterAction = "refuse" | "mask";

/** `GET /api/admin/content-filter` and `PUT /api/admin/content-filter`. */
export interface ContentFilterBody {
  action?: FilterAction;
  words?: string[];
  patterns?: string[];
  customers_only?: boolean;
}

/** A receiver of events. */
export interface WebhookView {
  id: string;
  url: string;
  events: EventKind[];
  description: string;
  enabled: boolean;
  secret?: string | null;
  failing_since?: number | null;
  disabled_reason?: string | null;
  created_at: number;
  version: number;
}

/** `POST /api/admin/webhooks`. */
export interface NewWebhook {
  url: string;
  events?: EventKind[];
  description?: string;
  secret?: string | null;
}

/** `PUT /api/admin/webhooks/{id}`: what is left out stays as it is. */
export interface WebhookEdit {
  url?: string | null;
  events?: EventKind[] | null;
  description?: string | null;
  enabled?: boolean | null;
  new_secret?: boolean;
}

/** How far an event for a webhook is. */
export type DeliveryStatus = "pending" | "delivered" | "failed";

/** What became of an event. */
export interface DeliveryView {
  event_id: string;
  type: EventKind;
  conversation_id: string;
  at: number;
  status: DeliveryStatus;
  attempts: number;
  next_attempt_at?: number | null;
  last_attempt_at?: number | null;
  last_status?: number | null;
  last_error?: string | null;
}

/** A page of deliveries. */
export interface DeliveryPage {
  items: DeliveryView[];
  next_cursor?: string | null;
}

/** Answer to `POST /api/conversations/{id}/attachments`: the file is stored, and so is the message that bears it. */
export interface AttachResponse {
  attachment: Attachment;
  seq: number;
  duplicate: boolean;
  links: AttachmentLinks;
}

/** Where the bytes of a file are, for a while. Whoever has a link can read them without a token. */
export interface AttachmentLinks {
  url: string;
  preview_url?: string | null;
  expires_at: number;
}

/** `GET /api/attachments/{id}`. */
export interface AttachmentView {
  attachment: Attachment;
  conversation_id: string;
  links: AttachmentLinks;
}

/** A file that somebody attached. */
export interface Attachment {
  id: string;
  name: string;
  media_type: string;
  size: number;
  width?: number | null;
  height?: number | null;
}

/** What webhooks are told. */
export type EventKind =
  | "CONVERSATION_STARTED"
  | "CONVERSATION_QUEUED"
  | "CONVERSATION_ACCEPTED"
  | "CONVERSATION_TRANSFERRED"
  | "AGENT_LOST"
  | "IDLE_WARNING"
  | "CONVERSATION_CLOSED"
  | "CONVERSATION_REOPENED"
  | "CONVERSATION_STEP"
  | "MESSAGE_RECEIVED"
  | "WEBHOOK_TEST";
