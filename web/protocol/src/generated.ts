// Written by `cargo xtask generate` from docs/openapi.json; changes by hand are overwritten.
/* eslint-disable */

/** `PUT /api/admin/users/{id}`: what is left out stays as it is. */
export interface AccountEdit {
  /** Conversations at a time, 0 to 1000. */
  capacity?: number | null;
  /** Whether they may not log in. Their conversations go back to the queue. */
  disabled?: boolean | null;
  /** Where e-mail goes; empty for nowhere. */
  email?: string | null;
  /** Name to show. */
  name?: string | null;
  role?: Role | null;
  /** Issue types they answer; empty means all. */
  skills?: string[] | null;
  /** Teams they belong to. */
  teams?: string[] | null;
}

/** A page of people. */
export interface AccountPage {
  /** The people, by id. */
  items: AccountView[];
  /** Give it as `cursor` to get the next page; absent on the last. */
  next_cursor?: string | null;
}

/** A person who can log in, as admins see them. */
export interface AccountView {
  /** Conversations at a time; for staff. */
  capacity?: number | null;
  /** Whether they may not log in. */
  disabled: boolean;
  /** Where e-mail goes. */
  email?: string | null;
  /** Id. */
  id: UserId;
  /** Name to log in with. */
  login: string;
  /** Name to show. */
  name: string;
  /** Role. */
  role: Role;
  /** Issue types they answer; empty means all. For staff. */
  skills?: string[];
  /** Teams they belong to; for staff. */
  teams?: string[];
  /** Grows with every change; the `ETag` without its quotes. */
  version: number;
}

/** What has been said in a conversation, in figures. */
export interface ActivityView {
  /** When the last entry was written. */
  last_activity_at: number;
  /** Beginning of the last message. */
  last_message?: string | null;
  /** Sequence of the last entry in the history. */
  last_seq: number;
  /** Messages stored in the history. */
  message_count: number;
  /** Messages of others above the caller's `read` watermark. */
  unread: number;
}

/** Agents by what they chose. */
export interface AgentCounts {
  /** Will be back. */
  away: number;
  /** Keep theirs, take no more. */
  busy: number;
  /** Connected, whatever they chose. */
  connected: number;
  /** Not working. */
  offline: number;
  /** Take conversations. */
  online: number;
}

/** An agent, as colleagues see them. */
export interface AgentView {
  /** Conversations they have now. */
  active: number;
  /** What they chose. */
  availability: Availability;
  /** Conversations they can have at once. */
  capacity: number;
  /** Whether one of their devices is connected. */
  connected: boolean;
  /** Id. */
  id: UserId;
  last_seen_at?: number | null;
  /** Name to show. */
  name: string;
  /** Issue types they answer; empty means all. */
  skills: string[];
  /** Teams they belong to. */
  teams: string[];
  /** Grows with every change. */
  version: number;
}

/** An article of the knowledge base. */
export interface Article {
  /** A short answer for automatic replies. */
  answer?: string | null;
  /** The text. */
  body: string;
  /** Id. */
  id: ArticleId;
  /** Labels. */
  labels?: string[];
  /** Whether customers may see it and automatic replies may use it. */
  published?: boolean;
  /** Title. */
  title: string;
  /** When it was changed last. */
  updated_at: number;
  updated_by?: UserId | null;
  /** Where it can be read on the web. */
  url?: string | null;
  /** Grows with every change; also its `ETag`. */
  version: number;
}

/** An article in a list. */
export type ArticleHit = Article & ({
      /** How well it answers the question, from 0 to 1; absent without one. */
      confidence?: number | null;
      /** The part of the text around the first match, or its beginning. */
      excerpt: string;
      /** Where the words stand in `excerpt`. */
      highlights: Highlight[];
    });

/** An article of the knowledge base. */
export type ArticleId = string;

/** Articles: a page of the list, or the best of a search. */
export interface ArticlePage {
  /** The latest changed first, or those that fit the question best. */
  items: ArticleHit[];
  /** Give it as `cursor` to get the next page; absent on the last, and with a question. */
  next_cursor?: string | null;
}

/** An article to create, or its new content. */
export interface ArticleRequest {
  /** A short answer for automatic replies; the beginning of the text when absent. */
  answer?: string | null;
  /** The text; Markdown, which clients show as plain text where they can't do better. */
  body: string;
  /** Labels, which are searched too. */
  labels?: string[];
  /** Whether customers may see it and automatic replies may use it. */
  published?: boolean;
  /** Title: best the question that it answers. */
  title: string;
  /** Where it can be read on the web. */
  url?: string | null;
}

/** Whether the form asks for a name. */
export type AskName = "required" | "optional" | "no";

/** Who of several free agents gets the next conversation. */
export type AssignmentPolicy = "manual" | "round_robin" | "least_busy" | "longest_idle";

/** Answer to `POST /api/conversations/{id}/attachments`: the file is stored, and so is the message that bears it. */
export interface AttachResponse {
  /** The file. */
  attachment: Attachment;
  /** Whether the message had been stored before. */
  duplicate: boolean;
  /** Where the bytes are, for a while. */
  links: AttachmentLinks;
  /** Sequence of its message in the channel. */
  seq: number;
}

/** A file that somebody attached. Its bytes come from a link, which `GET /api/attachments/{id}` gives out. */
export interface Attachment {
  /** Height in pixels, for pictures. */
  height?: number | null;
  /** Id. */
  id: AttachmentId;
  /** What it is, by its bytes. */
  media_type: string;
  /** The file's name, for people. */
  name: string;
  /** Its size in bytes. */
  size: number;
  /** Width in pixels, for pictures. */
  width?: number | null;
}

/** A file that somebody attached. */
export type AttachmentId = string;

/** Where the bytes of a file are, for a while. Whoever has a link can read them without a token. */
export interface AttachmentLinks {
  /** When the links stop working. */
  expires_at: number;
  /** A small JPEG of it; for pictures. */
  preview_url?: string | null;
  /** The file itself: a path at this hub. */
  url: string;
}

/** `GET /api/attachments/{id}`. */
export interface AttachmentView {
  /** The file. */
  attachment: Attachment;
  /** The conversation it was attached in. */
  conversation_id: ConversationId;
  /** Where the bytes are, for a while. */
  links: AttachmentLinks;
}

/** `PUT /api/customer/{id}/attributes`: all of the customer's attributes. */
export interface AttributesRequest {
  /** Attributes by their names, 1 to 64 of `A-Z a-z 0-9 _ -`. */
  attributes: Record<string, unknown>;
}

/** One line of the audit log. */
export interface AuditItem {
  /** What, as `close` or `update_ticket`. */
  action: string;
  /** When. */
  at: number;
  /** Who. */
  by: Author;
  /** More, in words. */
  detail?: string | null;
  /** `done`, or the code of the refusal. */
  outcome: string;
  /** On which. */
  target_id?: string | null;
  /** On what kind of thing. */
  target_kind?: string | null;
}

/** A page of the audit log, newest first. */
export interface AuditPage {
  /** The lines. */
  items: AuditItem[];
  /** Give it as `cursor` to get the next page; absent on the last. */
  next_cursor?: string | null;
}

/** Who wrote an entry. */
export interface Author {
  id?: UserId | null;
  /** Name to show. */
  name: string;
  role?: Role | null;
}

/** What an agent says of themselves. */
export type Availability = "online" | "away" | "busy" | "offline";

/** `PUT /api/agent/availability`. */
export interface AvailabilityRequest {
  /** The new availability. */
  availability: Availability;
}

/** What an entry says. `kind` names the variant. */
export type Body =
  | {
      kind: "TEXT";
      /** The text, at most `limits.max_message_chars` characters. */
      text: string;
    }
  | {
      kind: "NOTE";
      /** The text. */
      text: string;
    }
  | {
      /** The file. */
      attachment: Attachment;
      kind: "IMAGE";
      /** What was written with it; the file's name when nothing was. */
      text: string;
    }
  | {
      /** The file. */
      attachment: Attachment;
      kind: "FILE";
      /** What was written with it; the file's name when nothing was. */
      text: string;
    }
  | {
      agent?: Author | null;
      /** Which step. */
      event: SystemEvent;
      kind: "SYSTEM";
      /** A sentence to show, in English; clients may word `event` themselves. */
      text: string;
    }
  | {
      /** Who ended it. */
      by: Author;
      /** The conversation. */
      conversation_id: ConversationId;
      kind: "chat_ended";
    }
  | {
      /** Its state. */
      conversation: ConversationView;
      /** The conversation. */
      conversation_id: ConversationId;
      kind: "new_chat";
    }
  | {
      /** Its state. */
      conversation: ConversationView;
      /** The conversation. */
      conversation_id: ConversationId;
      kind: "chat_removed";
    }
  | {
      /** Its new state. */
      conversation: ConversationView;
      kind: "conversation_changed";
    }
  | {
      kind: "webhook_disabled";
      /** What was wrong. */
      reason: string;
      /** Where it went. */
      url: string;
      /** The webhook. */
      webhook_id: string;
    }
  | {
      /** Their new state. */
      agent: AgentView;
      kind: "agent_changed";
    }
  | {
      /** Who wrote the note. */
      by: Author;
      /** The conversation. */
      conversation_id: ConversationId;
      kind: "mentioned";
      /** The note. */
      text: string;
    }
  | {
      /** Who asks. */
      by: Author;
      /** Its state. */
      conversation: ConversationView;
      kind: "escalated";
      /** Why. */
      note?: string | null;
    }
  | {
      kind: "service_level";
      /** Which, and how it stands. */
      notice: ServiceNotice;
    }
  | {
      kind: "ticket_changed";
      /** Its new state. */
      ticket: TicketView;
    }
  | {
      kind: "ticket_deleted";
      /** Which. */
      ticket_id: TicketId;
    };

/** What became of one ticket of a bulk change. */
export interface BulkTicketOutcome {
  code?: ErrorCode | null;
  /** What to do about it. */
  detail?: string | null;
  /** Which. */
  id: TicketId;
  /** The HTTP status it would have had alone. */
  status: number;
  ticket?: TicketView | null;
}

/** `POST /api/tickets/bulk`: the same change for many tickets. */
export interface BulkTicketRequest {
  /** Labels to add. */
  add_labels?: string[];
  /** Who works on them; `null` for nobody. */
  assigned_agent?: string | null;
  /** The tickets, 1 to 100. */
  ids: TicketId[];
  priority?: Priority | null;
  /** Labels to take away. */
  remove_labels?: string[];
  status?: TicketStatus | null;
}

/** Answer to a bulk change: one outcome for each ticket, in the order asked. */
export interface BulkTicketResponse {
  /** The outcomes. */
  outcomes: BulkTicketOutcome[];
}

/** A canned message. */
export type CannedId = string;

/** A canned message. */
export interface CannedMessage {
  /** Whether automatic replies may give it as an answer. */
  answers?: boolean;
  /** Short code. */
  code: string;
  /** Id. */
  id: CannedId;
  /** Who may use it. */
  scope: CannedScope;
  /** The text, with its variables. */
  text: string;
  /** One line to find it by. */
  title: string;
  /** When it was changed last. */
  updated_at: number;
  updated_by?: UserId | null;
  /** Grows with every change; also its `ETag`. */
  version: number;
}

/** A page of canned messages. */
export interface CannedPage {
  /** By code; those that fit a question better come first. */
  items: CannedMessage[];
  /** Give it as `cursor` to get the next page; absent on the last. */
  next_cursor?: string | null;
}

/** A canned message to create, or its new content. */
export interface CannedRequest {
  /** Whether automatic replies may give it as an answer. */
  answers?: boolean;
  /** Short code to type after `/`: 1 to 32 of `a-z 0-9 _ -`. */
  code: string;
  /** Who may use it. */
  scope?: CannedScope;
  /**
   * The text. May have variables such as `{{customer.name}}` or `{{customer.first_name|there}}`, the part behind `|`
   * standing in for what isn't known.
   */
  text: string;
  /** One line to find it by. */
  title: string;
}

/** Who may use a canned message. */
export type CannedScope =
  | {
      kind: "tenant";
    }
  | {
      kind: "team";
      /** The team. */
      team: string;
    }
  | {
      kind: "person";
      user_id?: UserId | null;
    };

/** What a ticket is about, coarsely. */
export type Category = "PAYMENT" | "SHIPPING" | "ACCOUNT" | "RETURNS" | "TECHNICAL" | "OTHER";

/** A channel's name: `conv.<id>`, `conv.<id>.notes`, `feed.user.<tenant>.<user>` or `feed.desk.<tenant>`. */
export type Channel = string;

/** An event, as it lies in the streams and is sent to webhooks. */
export interface ChatEvent {
  /** When, in milliseconds since the Unix epoch. */
  at: number;
  /** Where. */
  conversation_id: ConversationId;
  /** More about it. */
  data: EventData;
  /** The log that gave `seq`; sequences of another one mean nothing beside it. */
  epoch: string;
  /** Id: the same for every repetition of the same event. */
  id: string;
  /** Place among the conversation's events: grows, with holes. */
  seq: number;
  /** Whose. */
  tenant: TenantId;
  /** What happened. */
  type: EventKind;
}

/** One thing that was looked at. */
export interface CheckView {
  /** Time it took, in milliseconds. */
  duration_ms: number;
  /** What. */
  name: string;
  /** Whether the node is of no use without it. */
  needed: boolean;
  /** Whether it is as it should be. */
  ok: boolean;
}

/** What a client may say. */
export type ClientFrame =
  | {
      /** Name and version of the client, for the logs. */
      client?: string | null;
      /** Protocol version the client speaks. */
      protocol: number;
      t: "hello";
      /** Access or customer token. */
      token: string;
    }
  | {
      /** Last sequence the client has; 0 for all from the start; absent for nothing but what comes from now on. */
      after?: number | null;
      /** The channel. */
      channel: Channel;
      /** The epoch `after` belongs to; required when `after` is above 0. */
      epoch?: string | null;
      /** Comes back in the answer. */
      ref?: number;
      t: "join";
    }
  | {
      /** The channel. */
      channel: Channel;
      /** Comes back in the answer. */
      ref?: number;
      t: "leave";
    }
  | {
      /** A joined `conv.<id>` or `conv.<id>.notes`. */
      channel: Channel;
      /** The client's own id of the message. */
      client_id: ClientId;
      /** On a resend: the highest sequence of the channel the client knew when it first tried. */
      known?: number | null;
      t: "send";
      /** The text. */
      text: string;
    }
  | {
      /** The conversation's channel. */
      channel: Channel;
      /** Highest sequence received. */
      delivered?: number | null;
      /** Highest sequence seen on screen. */
      read?: number | null;
      t: "receipt";
    }
  | {
      /** The conversation's channel. */
      channel: Channel;
      t: "TYPING_START";
    }
  | {
      /** The conversation's channel. */
      channel: Channel;
      t: "TYPING_STOP";
    }
  | {
      /** The conversation's channel. */
      channel: Channel;
      /** Whether it is in the foreground. */
      on: boolean;
      t: "view";
    }
  | {
      t: "renew";
      /** The token; it must be of the same person. */
      token: string;
    }
  | {
      /** Comes back in the answer. */
      n?: number;
      t: "ping";
    }
  | {
      /** From the ping. */
      n?: number;
      t: "pong";
    };

/** The sender's own id of a message: sending it again never makes a second message. */
export type ClientId = string;

/** Code of the WebSocket close frame that ends a connection. */
export const CloseCode = {
  normal: 1000,
  draining: 1012,
  malformed: 4400,
  unauthenticated: 4401,
  out_of_turn: 4403,
  unsupported_version: 4406,
  hello_timeout: 4407,
  idle_timeout: 4408,
  token_expired: 4410,
  slow: 4411,
  too_large: 4413,
  rate_limited: 4429,
  internal: 4500,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** `GET /api/admin/content-filter` and `PUT /api/admin/content-filter`. */
export interface ContentFilterBody {
  /** What becomes of a message that matches. */
  action?: FilterAction;
  /** Whether only what customers write is looked at. Private notes never are. */
  customers_only?: boolean;
  /** Regular expressions, such as `\b\d{16}\b`: at most 50, each at most 500 characters. */
  patterns?: string[];
  /** Words, matched as whole words whatever their case: at most 1000, each at most 64 characters. */
  words?: string[];
}

/** A conversation, one live session on a ticket. New ones are UUIDs of version 7, so they sort by creation. */
export type ConversationId = string;

/** A page of conversations. */
export interface ConversationPage {
  /** The conversations, newest first. */
  items: ConversationView[];
  /** Give it as `cursor` to get the next page; absent on the last. */
  next_cursor?: string | null;
  /** Unread messages in all the caller's open conversations. */
  unread_total: number;
}

/** Answer to commands on a conversation. */
export interface ConversationResponse {
  /** Its state after the command. */
  conversation: ConversationView;
}

/** Status of a conversation. */
export type ConversationStatus = "waiting" | "active" | "closed";

/** A conversation, as everyone who may see it sees it. */
export interface ConversationView {
  activity?: ActivityView | null;
  agent?: Party | null;
  assigned_at?: number | null;
  /** Who asks. */
  customer: Party;
  ended_at?: number | null;
  /** Id. */
  id: ConversationId;
  /** What it is about. */
  issue_type: string;
  /** Labels of the desk; customers don't see them. */
  labels?: string[];
  /** Urgency. */
  priority: Priority;
  queued_at?: number | null;
  satisfaction?: Satisfaction | null;
  snoozed_until?: number | null;
  /** When it began. */
  started_at: number;
  /** Status. */
  status: ConversationStatus;
  /** Team that should answer. */
  team?: string | null;
  /** Its ticket. */
  ticket_id: TicketId;
  /** Grows with every change; the larger one is the newer state. */
  version: number;
}

/** `POST /api/tickets`. */
export interface CreateTicketRequest {
  assigned_agent?: UserId | null;
  /** What it is about. */
  category?: Category;
  customer?: Party | null;
  /** The issue. */
  description: string;
  /** Labels; for staff. */
  labels?: string[];
  /** Urgency. */
  priority?: Priority;
  /** One line. */
  subject: string;
}

/** Answer to `GET /api/customer/{id}/context`. */
export interface CustomerContext {
  /** Whether one of their devices is connected now. */
  connected?: boolean;
  /** Their latest conversations, newest first. */
  conversations: ConversationView[];
  /** Who they are. */
  profile: CustomerProfile;
  satisfaction?: SatisfactionSummary | null;
  /** Their latest tickets, newest first. */
  tickets: TicketSummary[];
}

/** What a customer's browser tells of them: shown to the desk as told, not as known. */
export interface CustomerDetails {
  /** Attributes. */
  attributes?: Record<string, unknown>;
  device?: DeviceView | null;
  page?: PageView | null;
}

/** A customer who was found. */
export type CustomerHit = Party & {
      /** Where the words stand in `name`. */
      highlights: Highlight[];
      /** When they last began a conversation. */
      last_seen_at: number;
    };

/** Customers who were found. */
export interface CustomerHits {
  /** How many matches were ranked. */
  candidates: number;
  /** Whether there may be more matches, which were not looked at. */
  is_bounded: boolean;
  /** The best ones, best first. */
  items: CustomerHit[];
}

/** What is known of a customer. */
export interface CustomerProfile {
  /** What the desk or the host's system said of them. */
  attributes?: Record<string, unknown>;
  /** What their browser said of them: anybody can write there what they like. */
  claimed?: Record<string, unknown>;
  /** How many conversations they have begun. */
  conversations?: number;
  device?: DeviceView | null;
  /** When they first began a conversation. */
  first_seen_at?: number;
  /** Id. */
  id: UserId;
  /** When they were last here: connected, began a conversation, or turned to a page. */
  last_seen_at?: number;
  /** Name to show. */
  name?: string;
  page?: PageView | null;
  /** What the host site's server signed of them, when they came last. */
  verified?: Record<string, unknown>;
  /** Grows with every change of the attributes; also the `ETag`. */
  version?: number;
}

/** `POST /api/auth/customer`. */
export interface CustomerTokenRequest {
  /** The tenant. */
  tenant: TenantId;
  /** What the host's server signed. */
  token: string;
}

/** A token of a customer whom the host knows. */
export interface CustomerTokenResponse {
  /** The customer. */
  customer_id: UserId;
  /** When it runs out. */
  expires_at: number;
  /** Name to show. */
  name: string;
  /** For `Authorization: Bearer` and for the `hello` frame. */
  token: string;
}

/** Answer to `GET /api/admin/support/dashboard`. */
export interface DashboardResponse {
  /** Conversations that have an agent. */
  active: number;
  /** Agents. */
  agents: AgentCounts;
  /** When this was read. */
  at: number;
  /** Slots of online agents that are free. */
  free_slots: number;
  /** The longest of their waits so far, among the first in the queue, in seconds. */
  oldest_wait_seconds: number;
  /** What has happened today; some seconds behind. */
  today: TallyView;
  /** Conversations that wait for an agent. */
  waiting: number;
}

/** An entry with its place in the channel. */
export interface Delivery {
  /** The channel. */
  channel: Channel;
  /** The entry. Last in the frame, so that stored bytes can be put behind the header unread. */
  entry: Entry;
  /** The channel's sequence before it; when that is not the last one received, something was missed. */
  prev: number;
  /** Its sequence: grows within the channel, with holes. */
  seq: number;
}

/** A page of deliveries. */
export interface DeliveryPage {
  /** The deliveries, newest first. */
  items: DeliveryView[];
  /** Give it as `cursor` to get the next page; absent on the last. */
  next_cursor?: string | null;
}

/** How far an event for a webhook is. */
export type DeliveryStatus = "pending" | "delivered" | "failed";

/** What became of an event. */
export interface DeliveryView {
  /** When it happened. */
  at: number;
  /** How often it was tried. */
  attempts: number;
  /** The conversation. */
  conversation_id: ConversationId;
  /** The event's id, which is `webhook-id` in the request. */
  event_id: string;
  last_attempt_at?: number | null;
  /** What was wrong at the last attempt. */
  last_error?: string | null;
  /** The status of the last answer. */
  last_status?: number | null;
  next_attempt_at?: number | null;
  /** How far it is. */
  status: DeliveryStatus;
  /** The event's kind. */
  type: EventKind;
}

/** The device that a customer uses, as their browser tells. */
export interface DeviceView {
  /** Language. */
  language?: string | null;
  /** Time zone. */
  time_zone?: string | null;
  /** The browser's name for itself. */
  user_agent?: string | null;
  /** Size of the window, as `width x height`. */
  window?: string | null;
}

/** One entry of a channel, as it is stored in the log and delivered. */
export interface Entry {
  /** When the hub accepted it. */
  at: number;
  /** Who wrote it. */
  author: Author;
  /** What it says. */
  body: Body;
  /** The sender's client id, or an id derived from the command that caused the entry. Unique per author and channel. */
  id: string;
}

/** An ephemeral event of a channel. */
export type Ephemeral =
  | {
      /** Milliseconds until it lapses by itself. */
      expires_ms: number;
      kind: "TYPING_START";
      /** Who types. */
      member: Member;
    }
  | {
      kind: "TYPING_STOP";
      /** Who stopped. */
      member: Member;
    }
  | Watermark & {
          kind: "receipt";
        }
  | {
      kind: "USER_ONLINE";
      /** Who. */
      member: Member;
      /** The edge that says so: one person can be connected through several. */
      node: string;
      /** Whether the conversation is in the foreground of their screen. */
      viewing: boolean;
    }
  | {
      kind: "USER_OFFLINE";
      /** Who. */
      member: Member;
      /** The edge that says so. */
      node: string;
    }
  | {
      kind: "presence_query";
      /** The edge that asks. */
      node: string;
    }
  | {
      /** The waiting conversation. */
      conversation_id: ConversationId;
      /** Estimate in seconds; absent when there is nothing to base one on. */
      estimated_wait_seconds?: number | null;
      kind: "queue_position";
      /** 1 is next. */
      position: number;
    }
  | QueueSnapshot & {
          kind: "queue:snapshot";
        };

/** How much was erased. */
export interface Erased {
  /** Conversations with all that was said in them, and their tickets. */
  conversations: number;
  /** Attached files. */
  files: number;
}

/**
 * Why something was refused. HTTP answers carry it as `code` of the problem document, WebSocket in
 * `error` and `nack` frames.
 */
export type ErrorCode = "malformed" | "unknown_frame" | "out_of_turn" | "invalid" | "too_large" | "rate_limited" | "unauthenticated" | "token_expired" | "wrong_credentials" | "forbidden" | "not_found" | "not_joined" | "too_many_rooms" | "already_assigned" | "capacity_exceeded" | "invalid_transition" | "conversation_closed" | "conflict" | "precondition_failed" | "unavailable" | "timeout" | "unsupported_version" | "internal";

/** `POST /api/conversations/{id}/escalate`. */
export interface EscalateRequest {
  /** A private note that says why. */
  note?: string | null;
  priority?: Priority | null;
  /** Team that should answer from now on. */
  team?: string | null;
}

/** More about an event. */
export interface EventData {
  agent?: Author | null;
  author?: Author | null;
  message?: Body | null;
  /** Id of the message, its author's own. */
  message_id?: string | null;
  /** A sentence, in English. */
  text?: string | null;
}

/** Kinds of events. */
export type EventKind = "CONVERSATION_STARTED" | "CONVERSATION_QUEUED" | "CONVERSATION_ACCEPTED" | "CONVERSATION_TRANSFERRED" | "AGENT_LOST" | "IDLE_WARNING" | "CONVERSATION_CLOSED" | "CONVERSATION_REOPENED" | "CONVERSATION_STEP" | "MESSAGE_RECEIVED" | "WEBHOOK_TEST";

/** A field that changed. */
export interface FieldChange {
  /** Which. */
  field: string;
  /** What it was. */
  from?: string | null;
  /** What it is. */
  to?: string | null;
}

/** What becomes of a message that a content filter matches. */
export type FilterAction = "refuse" | "mask";

/** A part of a text to mark, in UTF-16 code units: `text.slice(start, end)` in JavaScript. */
export interface Highlight {
  /** Where it ends, exclusive. */
  end: number;
  /** Where it begins. */
  start: number;
}

/** An entry of the history. */
export interface HistoryItem {
  /** The entry. */
  entry: Entry;
  /** Epoch of the log that gave the sequence. */
  epoch: string;
  /** Whether it is a private note, from `conv.<id>.notes`. */
  note?: boolean;
  /** Sequence in the channel. */
  seq: number;
}

/** A page of history. */
export interface HistoryPage {
  /** Give it as `before` to get what lies before; absent at the beginning. */
  before?: string | null;
  /** The log's epoch now: for `join`. */
  epoch: string;
  /** Entries, oldest first. */
  items: HistoryItem[];
  /** Stored watermarks. */
  receipts: Watermark[];
}

/** `/api/admin/identity-provider`: through whom staff may log in (OIDC). */
export interface IdentityProvider {
  /** The hub's client id there, for which tokens are issued. */
  client_id: string;
  default_role?: Role | null;
  /** The provider, as its tokens name it: `https://id.example.org/realms/support`. */
  issuer: string;
  /** Where its keys are; found by discovery when left out. */
  jwks_url?: string | null;
  /** The claim that is their name. */
  name_claim?: string;
  /** Who gets an account. */
  provisioning?: Provisioning;
  /** Whether only tokens are taken that were asked for with a nonce of this hub. */
  require_nonce?: boolean;
  /**
   * The claim that says their roles, as `groups` or `realm_access.roles`. Where it is set, the role follows it at each
   * log-in; elsewhere it is the admins' to change.
   */
  role_claim?: string | null;
  /** What the words of that claim stand for: `agent`, `supervisor`, `admin`. The highest counts. */
  roles?: Record<string, Role>;
  /** The claim that says their teams. Where it is set, they follow it at each log-in. */
  team_claim?: string | null;
  /** The claim that is somebody's login here: `sub`, `preferred_username`, or `email`, which has to be verified. */
  user_claim?: string;
}

/** `/api/admin/identity`. */
export interface IdentityView {
  /** Whether the host site may say who customers are. */
  enabled: boolean;
  /** What the host's server signs with; only in the answer that makes it. */
  secret?: string | null;
}

/** Answer to `join`. */
export interface JoinedFrame {
  /** The channel. */
  channel: Channel;
  /** The log's epoch; give it back in the next `join`. */
  epoch: string;
  /** The channel's last sequence at this moment, 0 when empty. */
  head: number;
  /** Who is here, as this edge knows it; the rest follows as `USER_ONLINE` events. */
  members?: Member[];
  /** Stored watermarks, for `conv.<id>`. */
  receipts?: Watermark[];
  /** From the join. */
  ref?: number;
}

/** `PUT /api/conversations/{id}/labels`. */
export interface LabelsRequest {
  /** All its labels; customers don't see them. */
  labels: string[];
}

/** Where to go on. */
export interface LinksView {
  /** Where agents work. */
  console: string;
  /** A page with the widget that customers see. */
  demo: string;
  /** The API, to read and to try. */
  docs: string;
  /** Live events over HTTP. */
  events: string;
  /** Figures for Prometheus. */
  metrics: string;
  /** The same as an OpenAPI document. */
  openapi: string;
  /** Whether this node takes requests. */
  ready: string;
  /** A page that connects, sends and shows every event. */
  test_page: string;
  /** Live connections over WebSocket. */
  websocket: string;
}

/** That the process runs. */
export interface LiveView {
  /** Always `live`. */
  status: string;
}

/** `POST /api/auth/login`. */
export interface LoginRequest {
  /** Login name. */
  login: string;
  /** Password. */
  password: string;
  /** The tenant. */
  tenant: TenantId;
}

/** `GET /api/admin/mail` and `PUT /api/admin/mail`. */
export interface MailBody {
  /** Whether an address that only the customer's browser claims is written to: anybody can claim any address. */
  claimed_addresses?: boolean;
  /**
   * Seconds without a connection after which customers get an e-mail with what they have not read, 1 to 86400; never
   * when absent.
   */
  customers_after_seconds?: number | null;
  /** Name from which e-mail comes. */
  from_name?: string;
  /** Whether staff who are not connected are told of mentions and of what was given to them. */
  staff?: boolean;
}

/** Times of one kind. */
export interface MeasureView {
  /** Their mean, in seconds; absent without any. */
  average_seconds?: number | null;
  /** How many were measured. */
  count: number;
  /** About the time that half of them don't exceed. */
  p50_seconds?: number | null;
  /** About the time that nine of ten don't exceed. */
  p90_seconds?: number | null;
}

/** A person in a channel. */
export interface Member {
  /** Who. */
  id: UserId;
  /** Name to show. */
  name: string;
  /** Their role. */
  role: Role;
}

/** `POST /api/tickets/{id}/merge`: the ticket is a duplicate; its conversations go to the other one. */
export interface MergeTicketRequest {
  /** The ticket that stays. */
  into: TicketId;
}

/** A message that was found. */
export interface MessageHit {
  /** When. */
  at: number;
  /** Who wrote it. */
  author: Author;
  /** Its conversation. */
  conversation_id: ConversationId;
  customer?: Party | null;
  /** Epoch of the log that gave the sequence. */
  epoch: string;
  /** The part of the text around the first match: plain text, never markup. */
  excerpt: string;
  /** Where the words stand in `excerpt`. */
  highlights: Highlight[];
  /** Whether it is a private note. */
  note: boolean;
  /** How well it fits; only to be compared within one answer. */
  score: number;
  /** Sequence in its channel. */
  seq: number;
}

/** Messages that were found. */
export interface MessageHits {
  /** How many matches were ranked. */
  candidates: number;
  /** Whether there may be older matches, which were not looked at; narrow the search by time to find them. */
  is_bounded: boolean;
  /** The best ones, best first. */
  items: MessageHit[];
}

/** `POST /api/admin/users`. */
export interface NewAccount {
  /** Conversations at a time, 0 to 1000; `assignment.capacity` when left out. For staff. */
  capacity?: number | null;
  /** Where e-mail goes. */
  email?: string | null;
  id?: UserId | null;
  /** Name to log in with: 1 to 256 bytes. */
  login: string;
  /** Name to show. */
  name: string;
  /** Password of at least 8 characters; without one nobody can log in with a password. */
  password?: string | null;
  /** Role. */
  role: Role;
  /** Issue types they answer; empty means all. For staff. */
  skills?: string[];
  /** Teams they belong to; for staff. */
  teams?: string[];
}

/** `POST /api/admin/webhooks`. */
export interface NewWebhook {
  /** What it is for. */
  description?: string;
  /** Which events; empty means all. */
  events?: EventKind[];
  /** What events are signed with: `whsec_` and 24 to 64 bytes in base64; made up when left out. */
  secret?: string | null;
  /** Where events go: `https://` or `http://`, to a public address unless the operator allows others. */
  url: string;
}

/** `GET /api/me/notifications` and `PUT /api/me/notifications`: which e-mail a person wants. */
export interface NotificationsBody {
  /** Staff: that a conversation or ticket was given to them. */
  assignment_email?: boolean;
  /** Staff: that a note names them. */
  mention_email?: boolean;
  /** Customers: what they have not read. */
  unread_email?: boolean;
}

/** `POST /api/auth/oidc/begin`. */
export interface OidcBeginRequest {
  /**
   * SHA-256 of a `code_verifier` that the client keeps, in base64url (RFC 7636). Without it the answer sets a cookie,
   * which browsers bring along by themselves.
   */
  code_challenge?: string | null;
  /** The tenant. */
  tenant: TenantId;
}

/** Where somebody goes to log in, and with what. */
export interface OidcBeginResponse {
  /** Where a browser is sent; absent when the provider doesn't say. */
  authorization_endpoint?: string | null;
  /** The hub's client id there. */
  client_id: string;
  /** When the nonce runs out. */
  expires_at: number;
  /** The provider. */
  issuer: string;
  /** To be put into the question, and found in the token. */
  nonce: string;
  /** What to ask for. */
  scope: string;
}

/** `POST /api/auth/oidc`. */
export interface OidcRequest {
  /** What the `code_challenge` of the beginning was made from, where there was one. */
  code_verifier?: string | null;
  /** The tenant. */
  tenant: TenantId;
  /** The ID token that the provider signed. */
  token: string;
}

/** A time of a day during which the desk is open. */
export interface OpenHours {
  /** The day. */
  day: Weekday;
  /** From this local time on, as `09:00`. */
  from: string;
  /** Until this local time, as `17:30`; `24:00` is the end of the day. */
  until: string;
}

/** The page that a customer is on. */
export interface PageView {
  /** Where they came from. */
  referrer?: string | null;
  /** Its title. */
  title?: string | null;
  /** Its address. */
  url: string;
}

/** A person's id and name. */
export interface Party {
  /** Id. */
  id: UserId;
  /** Name to show. */
  name: string;
}

/** `PUT /api/admin/users/{id}/password`. */
export interface PasswordBody {
  /** The new password: at least 8 characters, at most 256 bytes. */
  password: string;
}

/** Urgency of a conversation or ticket. */
export type Priority = "LOW" | "MEDIUM" | "HIGH" | "URGENT";

/** An error answer: a problem document (RFC 9457), `application/problem+json`. */
export interface Problem {
  /** The code. */
  code: ErrorCode;
  /** What happened and what to do. */
  detail: string;
  /** The steps that are possible, for `invalid_transition`. */
  possible?: string[];
  /** When to try again, for codes that allow it. */
  retry_after_ms?: number | null;
  /** HTTP status. */
  status: number;
  /** The code in words. */
  title: string;
  /** `urn:confab:error:<code>`. */
  type: string;
  winner?: Party | null;
}

/** Who gets an account by the word of an identity provider. */
export type Provisioning = "known" | "create";

/** One waiting conversation. */
export interface QueueEntryView {
  /** The conversation. */
  conversation_id: ConversationId;
  /** Who waits. */
  customer: Party;
  /** Estimate in seconds from now; absent when there is nothing to base one on. */
  estimated_wait_seconds?: number | null;
  /** What it is about. */
  issue_type: string;
  /** 1 is next. */
  position: number;
  /** Urgency. */
  priority: Priority;
  /** Since when. */
  queued_at: number;
  /** Team that should answer. */
  team?: string | null;
}

/** The waiting queue of a tenant. */
export interface QueueSnapshot {
  /** When this was read. */
  at: number;
  /** The first of them, in the order in which they will be assigned. */
  entries: QueueEntryView[];
  /** How many wait. */
  length: number;
}

/** `POST /api/conversations/{id}/read`. */
export interface ReadRequest {
  /** Highest sequence received. */
  delivered?: number | null;
  /** Highest sequence seen on screen. */
  read?: number | null;
}

/** Whether the node should be given requests, and why. */
export interface ReadyView {
  /** What was looked at. */
  checks: CheckView[];
  /** The node. */
  node: string;
  /** The verdict. */
  status: Verdict;
}

/** An address that took no e-mail; nothing is sent to it any more. */
export interface RefusedAddress {
  /** The address. */
  address: string;
  /** When. */
  at: number;
  /** What its server said. */
  reason: string;
}

/** `GET /api/admin/mail/refused`: the latest first, at most 1000. */
export interface RefusedAddresses {
  /** The addresses. */
  items: RefusedAddress[];
}

/** `POST /api/canned-messages/{id}/render`. */
export interface RenderRequest {
  /** The conversation that it is for. */
  conversation_id: ConversationId;
}

/** A text with its variables filled in. */
export interface RenderedText {
  /** Variables that nothing is known for and that have no stand-in; they are left in the text as they were written. */
  missing: string[];
  /** The text. */
  text: string;
}

/** `POST /api/auth/renew`. */
export interface RenewRequest {
  /** The refresh token of the login. */
  refresh_token: string;
}

/** The endpoint of automatic replies. */
export interface ReplyEndpoint {
  /** How many earlier messages of the conversation go along, up to 50. */
  earlier_messages?: number;
  /** Whether a key is set; told, not taken. */
  has_key?: boolean;
  /** Key, sent as bearer token. Never shown: leave it out to keep the one that is set, make it empty to remove it. */
  key?: string | null;
  /** Name of the model. */
  model: string;
  /** What the model is told about its job, besides when to hand over. */
  system_prompt?: string;
  /** How long an answer may take, 100 to 60000 milliseconds. */
  timeout_ms?: number;
  /** Base URL; `/v1/chat/completions` is added to it. */
  url: string;
}

/** Where automatic replies come from. */
export type ReplySource = "off" | "library" | "endpoint";

/** What the rows of a report are about. */
export type ReportBy = "hour" | "day" | "agent" | "category";

/** Answer to `GET /api/admin/support/reports`. */
export interface ReportResponse {
  /** What the rows are about. */
  by: ReportBy;
  /** From this hour on. */
  from: number;
  /** The rows: hours and days in order, agents and categories by their keys. Without a row nothing happened. */
  rows: ReportRow[];
  /** Until the end of this hour. */
  to: number;
  /** All rows together. */
  total: TallyView;
}

/** A row of a report. */
export type ReportRow = TallyView & ({
      /** The hour or day (`2026-11-21T14:00`, `2026-11-21`), the agent's id (empty for what has no agent), or the category. */
      key: string;
      /** The agent's name, in reports by agent. */
      name?: string | null;
    });

/** `GET /api/admin/responder` and `PUT /api/admin/responder`. */
export interface ResponderBody {
  /** How sure an article or canned message has to be, 1 to 100 per cent. */
  confidence_percent?: number;
  endpoint?: ReplyEndpoint | null;
  /** What is said when a customer asked for a person; afterwards there are no more automatic replies. */
  hand_over_text?: string;
  /** Words and phrases by which a customer asks for a person: at most 50, each at most 64 characters. */
  hand_over_words?: string[];
  /** Name under which they appear. */
  name?: string;
  source?: ReplySource;
  /** What is said when there is no sure answer; afterwards there are no more automatic replies. */
  unsure_text?: string;
}

/** `GET /api/admin/retention` and `PUT /api/admin/retention`. */
export interface RetentionBody {
  /** Days after a file was attached until its bytes are deleted, 1 to 3650; absent: never. */
  attachment_days?: number | null;
  /** Days after a conversation's end until what was said in it is deleted, 1 to 3650; absent: never. */
  message_days?: number | null;
}

/** What a person is to their tenant. */
export type Role = "customer" | "agent" | "supervisor" | "admin";

/** What answers at the root. */
export interface RootView {
  /** Where to go on. */
  links: LinksView;
  /** The hub's name. */
  name: string;
  /** The node that answered. */
  node: string;
  /** Its version. */
  version: string;
}

/** What a customer said of how they were served. */
export interface Satisfaction {
  /** When. */
  at: number;
  /** In their words. */
  comment?: string | null;
  /** 1 (bad) to 5 (good). */
  score: number;
}

/** How content a customer is. */
export interface SatisfactionSummary {
  /** How often they said so. */
  answers: number;
  /** The mean of what they said, 1 (bad) to 5 (good). */
  average: number;
}

/** Answer to `GET /api/search`: a group for each kind that was searched. */
export interface SearchResponse {
  customers?: CustomerHits | null;
  messages?: MessageHits | null;
  tickets?: TicketHits | null;
}

/** `POST /api/conversations/{id}/messages`. */
export interface SendRequest {
  /** The client's own id of the message. */
  client_id: ClientId;
  /** On a resend: the highest sequence known at the first try. */
  known?: number | null;
  /** A private note instead of a message; agents only. */
  note?: boolean;
  /** The text. */
  text: string;
}

/** Answer to a message sent over HTTP. */
export interface SendResponse {
  /** Whether it had been stored before. */
  duplicate: boolean;
  /** Sequence in the channel. */
  seq: number;
}

/** What the hub may say. */
export type ServerFrame =
  | WelcomeFrame & {
          t: "welcome";
        }
  | JoinedFrame & {
          t: "joined";
        }
  | {
      /** The channel. It is not followed. */
      channel: Channel;
      /** The log's epoch now. */
      epoch: string;
      /** From the join; 0 when the hub found it out by itself. */
      ref?: number;
      t: "resync";
    }
  | {
      /** The channel. */
      channel: Channel;
      /** From the leave. */
      ref?: number;
      t: "left";
    }
  | Delivery & {
          t: "entry";
        }
  | {
      /** The channel. */
      channel: Channel;
      /** What happened. */
      event: Ephemeral;
      t: "event";
    }
  | {
      /** The channel. */
      channel: Channel;
      /** From the send. */
      client_id: ClientId;
      /** Whether it had been stored before. */
      duplicate?: boolean;
      /** Its sequence in the channel. */
      seq: number;
      t: "ack";
    }
  | {
      /** The channel. */
      channel: Channel;
      /** From the send. */
      client_id: ClientId;
      /** Why. */
      code: ErrorCode;
      /** What to do. */
      message: string;
      /** When to try again, for codes that allow it. */
      retry_after_ms?: number | null;
      t: "nack";
    }
  | {
      channel?: Channel | null;
      /** Why. */
      code: ErrorCode;
      /** What to do. */
      message: string;
      /** From the frame, where it had one. */
      ref?: number;
      t: "error";
    }
  | {
      /** When it runs out. */
      expires_at: number;
      t: "renewed";
    }
  | {
      /** Comes back in the answer. */
      n: number;
      t: "ping";
    }
  | {
      /** From the ping. */
      n: number;
      t: "pong";
    }
  | {
      /** Milliseconds to wait, different for every client. */
      reconnect_after_ms: number;
      t: "draining";
    };

/** What has to happen in time. */
export type ServiceGoal = "first_response" | "resolution";

/** A tenant's service levels. Without targets nothing is watched. */
export interface ServiceLevels {
  /** Days on which it is closed, as `2026-12-25`. */
  holidays?: string[];
  /** When the desk is open; always when there are none. */
  hours?: OpenHours[];
  /** The targets, at most one entry for each urgency. */
  targets?: ServiceTargets[];
  /** IANA name of the time zone of `hours` and `holidays`. */
  time_zone: string;
  /** Share of the time after which a warning is given, 1 to 99. */
  warn_percent?: number;
}

/** A warning, or that a goal was missed. */
export interface ServiceNotice {
  /** When the time is up. */
  due_at: number;
  /** Which goal. */
  goal: ServiceGoal;
  /** How it stands. */
  state: ServiceState;
  /** Its subject. */
  subject: string;
  /** The ticket. */
  ticket_id: TicketId;
}

/** How it stands with a goal that was not met yet. */
export type ServiceState = "warning" | "breached";

/** How soon what has to happen for tickets of one urgency, in minutes in which the desk is open. */
export interface ServiceTargets {
  /** Until somebody has answered. */
  first_response_minutes?: number | null;
  /** The urgency. */
  priority: Priority;
  /** Until it is resolved; waiting for the customer doesn't count. */
  resolution_minutes?: number | null;
}

/** `PUT /api/chat/sessions/{id}/status`. */
export interface SessionStatusRequest {
  /** `closed` ends it, `waiting` puts it into the queue, `active` takes a waiting one or goes on with a closed one. */
  status: ConversationStatus;
}

/** `GET /api/admin/settings` and `PUT /api/admin/settings`: assignment and lifecycle. Times are in milliseconds. */
export interface SettingsBody {
  /** How long a customer who left is kept in the queue: 1 second to 7 days. */
  abandon_ms: number;
  /** How far back assignments count for the estimated wait: 1 minute to 1 day. */
  estimate_window_ms: number;
  /** Silence after the warning until it is closed: 1 second to 7 days. */
  idle_close_ms: number;
  /** Silence after which an active conversation gets a warning: 1 second to 7 days. */
  idle_warning_ms: number;
  /** Assignment policy. */
  policy: AssignmentPolicy;
  /** How long a vanished agent keeps their conversations: 0 to 1 hour. */
  vanish_grace_ms: number;
}

/** `GET /api/site`: what a page shows before a chat. For everybody. */
export interface SiteView {
  /** Whether the desk is open now, by its business hours. */
  open: boolean;
  opens_at?: number | null;
  /** The form. */
  widget: WidgetBody;
}

/** `POST /api/conversations/{id}/snooze`. */
export interface SnoozeRequest {
  /** When it comes back. */
  until: number;
}

/** `POST /api/chat/start`. */
export interface StartRequest {
  client_id?: ClientId | null;
  details?: CustomerDetails | null;
  /** What it is about: routes to agents with this skill. */
  issue_type: string;
  /** The first message. */
  message: string;
  /** Name to show to the agent. */
  name?: string | null;
  /** Urgency. */
  priority?: Priority;
  /** Team that should answer. */
  team?: string | null;
  tenant?: TenantId | null;
  ticket_id?: TicketId | null;
}

/** Answer to `POST /api/chat/start`. */
export interface StartResponse {
  /** Channel of the conversation. */
  channel: string;
  /** The conversation; its channel is `conv.<id>`. */
  conversation_id: ConversationId;
  /** The customer. */
  customer_id: UserId;
  /** When it runs out. */
  expires_at: number;
  /** The customer's personal channel. */
  feed: string;
  /** Token of the customer, bound to this conversation. */
  token: string;
}

/** `POST /api/conversations/{id}/survey`. */
export interface SurveyRequest {
  /** In the customer's words. */
  comment?: string | null;
  /** 1 (bad) to 5 (good). */
  score: number;
}

/** Steps in a conversation's life. */
export type SystemEvent = "CONVERSATION_STARTED" | "CONVERSATION_QUEUED" | "CONVERSATION_ACCEPTED" | "CONVERSATION_TRANSFERRED" | "AGENT_LOST" | "IDLE_WARNING" | "CONVERSATION_CLOSED" | "CONVERSATION_REOPENED" | "CONVERSATION_SNOOZED" | "CONVERSATION_ESCALATED";

/** What happened, in figures. */
export interface TallyView {
  /** Conversations that ended. */
  closed: number;
  /** From the beginning of a conversation to its end. */
  duration: MeasureView;
  /** From the customer's first message until staff first wrote. */
  first_response: MeasureView;
  /** How many customers said how content they are. */
  ratings: number;
  /** From the making of a ticket until it was resolved. */
  resolution: MeasureView;
  /** Tickets that were resolved. */
  resolved: number;
  /** The mean of what they said, 1 (bad) to 5 (good); absent without any. */
  satisfaction?: number | null;
  /** Conversations that began. */
  started: number;
  /** Waits in the queue until an agent got the conversation. */
  wait: MeasureView;
}

/** `PUT /api/admin/teams/{id}`. */
export interface TeamBody {
  /** Name to show. */
  name: string;
}

/** A team. */
export interface TeamView {
  /** Id: what conversations and agents name. */
  id: string;
  /** The agents who belong to it. */
  members: UserId[];
  /** Name to show. */
  name: string;
  /** Grows with every change; 0 for a team that agents name and nobody described. */
  version: number;
}

/** A tenant: one customer of the hub, with its own database. */
export type TenantId = string;

/** A page of a ticket's history, oldest first. */
export interface TicketHistoryPage {
  /** The steps. */
  items: TicketStepView[];
  /** Give it as `cursor` to get the next page; absent on the last. */
  next_cursor?: string | null;
}

/** A ticket that was found. */
export interface TicketHit {
  /** What it is about. */
  category: string;
  /** Created. */
  created_at: number;
  /** Whose. */
  customer: Party;
  /** The part of the description around the first match: plain text, never markup. */
  excerpt: string;
  /** Where the words stand in `excerpt`. */
  highlights: Highlight[];
  /** Id. */
  id: TicketId;
  /** Urgency. */
  priority: Priority;
  /** How well it fits; only to be compared within one answer. */
  score: number;
  /** Where it stands: `OPEN`, `IN_PROGRESS`, `RESOLVED`, `CLOSED`. */
  status: string;
  /** One line. */
  subject: string;
  /** Where the words stand in `subject`. */
  subject_highlights: Highlight[];
  /** Last changed. */
  updated_at: number;
}

/** Tickets that were found. */
export interface TicketHits {
  /** How many matches were ranked. */
  candidates: number;
  /** Whether there may be older matches, which were not looked at; narrow the search by time to find them. */
  is_bounded: boolean;
  /** The best ones, best first. */
  items: TicketHit[];
}

/** A ticket: the issue behind one or more conversations. */
export type TicketId = string;

/** `POST /api/tickets/{id}/messages`. */
export interface TicketMessageRequest {
  /** The client's own id of the message. */
  client_id: ClientId;
  /** A private note instead of a message; agents only. */
  note?: boolean;
  /** The text. */
  text: string;
}

/** Answer to a message written on a ticket. */
export interface TicketMessageResponse {
  /** The conversation it went to. */
  conversation_id: ConversationId;
  /** Whether it had been stored before. */
  duplicate: boolean;
  /** Sequence in the channel; absent when the message began the conversation. */
  seq?: number | null;
}

/** A page of what was said on a ticket; the entries of a page are of one conversation. */
export interface TicketMessagesPage {
  /** Give it as `before` to get what lies before, also in earlier conversations; absent at the beginning. */
  before?: string | null;
  conversation_id?: ConversationId | null;
  /** Entries, oldest first. */
  items: HistoryItem[];
}

/** A page of tickets. */
export interface TicketPage {
  /** The tickets, in the order asked for. */
  items: TicketView[];
  /** Give it as `cursor` to get the next page; absent on the last. */
  next_cursor?: string | null;
}

/** The order of a list of tickets; each begins with the newest or most urgent. */
export type TicketSort = "created" | "updated" | "priority";

/** Where a ticket stands. */
export type TicketStatus = "OPEN" | "IN_PROGRESS" | "RESOLVED" | "CLOSED";

/** One step in the history of a ticket. */
export interface TicketStepView {
  /** When. */
  at: number;
  /** Who. */
  by: Author;
  /** What changed. */
  changes: FieldChange[];
  /** The ticket's version after it. */
  version: number;
}

/** A ticket of a customer, in short. */
export interface TicketSummary {
  /** What it is about. */
  category: string;
  /** Created. */
  created_at: number;
  /** Id. */
  id: TicketId;
  /** Urgency. */
  priority: Priority;
  resolved_at?: number | null;
  /** What the customer said of how it was dealt with, 1 (bad) to 5 (good). */
  satisfaction?: number | null;
  /** Where it stands: `OPEN`, `IN_PROGRESS`, `RESOLVED`, `CLOSED`. */
  status: string;
  /** One line. */
  subject: string;
}

/** A ticket, as those who may see it see it. Customers see neither labels nor snoozing nor targets. */
export interface TicketView {
  assigned_agent?: Party | null;
  /** The goals of the service levels that were missed. */
  breached?: ServiceGoal[];
  /** What it is about. */
  category: Category;
  /** Its conversations, oldest first. */
  conversations?: ConversationId[];
  /** When it was made. */
  created_at: number;
  /** Whose issue. */
  customer: Party;
  /** The issue in the customer's words. */
  description: string;
  first_response_due_at?: number | null;
  /** Id. */
  id: TicketId;
  /** Labels of the desk. */
  labels?: string[];
  /** Beginning of the last message; in HTTP answers only. */
  last_message?: string | null;
  last_message_at?: number | null;
  merged_into?: TicketId | null;
  /** Messages in its conversations; absent in entries, present in HTTP answers. */
  message_count?: number | null;
  /** Urgency. */
  priority: Priority;
  resolution_due_at?: number | null;
  resolved_at?: number | null;
  satisfaction?: Satisfaction | null;
  snoozed_until?: number | null;
  /** Where it stands. */
  status: TicketStatus;
  /** One line. */
  subject: string;
  /** When it last changed. */
  updated_at: number;
  /** Grows with every change; also the `ETag` of the ticket. */
  version: number;
}

/** Tokens of a login. */
export interface TokenResponse {
  /** For `Authorization: Bearer` and for the `hello` frame. */
  access_token: string;
  /** When it runs out. */
  expires_at: number;
  /** For `POST /api/auth/renew`. */
  refresh_token: string;
  /** Who logged in. */
  user: UserView;
}

/** Something customers can ask about. */
export interface Topic {
  /** How it is called in the form. */
  label: string;
  /** The issue type, which routes to agents with this skill. */
  value: string;
}

/** `POST /api/agent/conversations/{id}/transfer`: exactly one of `agent` and `team`. */
export interface TransferRequest {
  agent?: UserId | null;
  /** A private note for whoever takes over. */
  note?: string | null;
  /** To the queue of this team. */
  team?: string | null;
}

/** `POST /api/conversations/{id}/typing`. */
export interface TypingRequest {
  /** Whether the person types. */
  typing: boolean;
}

/** `PUT` and `PATCH /api/tickets/{id}`: what is left out stays as it is. */
export interface UpdateTicketRequest {
  /** Who works on it; `null` for nobody. */
  assigned_agent?: string | null;
  category?: Category | null;
  /** The issue. */
  description?: string | null;
  /** All its labels. */
  labels?: string[] | null;
  priority?: Priority | null;
  /** Put it aside until then; `null` wakes it. */
  snoozed_until?: number | null;
  status?: TicketStatus | null;
  /** One line. */
  subject?: string | null;
}

/** A person: customer, agent, supervisor or admin of a tenant. */
export type UserId = string;

/** A person. */
export interface UserView {
  /** Id. */
  id: UserId;
  /** Name to show. */
  name: string;
  /** Role. */
  role: Role;
  /** Their tenant. */
  tenant: TenantId;
}

/** Whether the node should be given requests. */
export type Verdict = "ready" | "degraded" | "draining" | "unavailable";

/** How far a participant has got in a conversation. */
export interface Watermark {
  /** Highest sequence that reached one of their devices. */
  delivered?: number;
  /** Highest sequence they have seen on screen. */
  read?: number;
  /** Who. */
  user_id: UserId;
}

/** `PUT /api/admin/webhooks/{id}`: what is left out stays as it is. */
export interface WebhookEdit {
  /** What it is for. */
  description?: string | null;
  /** Whether events are sent. Those that waited are sent when it is switched on again. */
  enabled?: boolean | null;
  /** Which events; empty means all. */
  events?: EventKind[] | null;
  /** Whether to make a new secret, which the answer has. */
  new_secret?: boolean;
  /** Where events go. */
  url?: string | null;
}

/** A receiver of events. */
export interface WebhookView {
  /** When it was made. */
  created_at: number;
  /** What it is for. */
  description: string;
  /** Why the hub switched it off. */
  disabled_reason?: string | null;
  /** Whether events are sent. */
  enabled: boolean;
  /** Which events; empty means all. */
  events: EventKind[];
  failing_since?: number | null;
  /** Id. */
  id: string;
  /** What events are signed with; only in the answer that makes it or changes it. */
  secret?: string | null;
  /** Where events go. */
  url: string;
  /** Grows with every change; the `ETag` without its quotes. */
  version: number;
}

/** A day of the week. */
export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** Answer to `hello`. */
export interface WelcomeFrame {
  desk?: Channel | null;
  /** When the token runs out. */
  expires_at: number;
  /** The personal channel to join. */
  feed: Channel;
  /** Send something at least this often. */
  heartbeat_ms: number;
  /** Largest frame in bytes. */
  max_frame_bytes: number;
  /** Longest text in characters. */
  max_message_chars: number;
  /** The name to show. */
  name: string;
  /** The edge node. */
  node: string;
  /** The hub's time. */
  now: number;
  /** Protocol version the hub speaks. */
  protocol: number;
  /** The role. */
  role: Role;
  /** Id of this connection, for the logs. */
  session: string;
  /** The tenant. */
  tenant: TenantId;
  /** Who the token says you are. */
  user_id: UserId;
}

/** `GET /api/admin/widget` and `PUT /api/admin/widget`: the form before a chat. What a page sets itself goes first. */
export interface WidgetBody {
  /** Whether the form asks for a name. */
  ask_name?: AskName;
  /** What is said while the desk is closed, at most 300 characters; absent: as the widget has it in its languages. */
  closed_message?: string | null;
  /** What heads the form, at most 300 characters; absent: as the widget has it in its languages. */
  greeting?: string | null;
  /** Title of the window, at most 80 characters; absent: as the widget has it in its languages. */
  title?: string | null;
  /** What customers can ask about, at most 20; nothing is asked when there are none. */
  topics?: Topic[];
}

/** Every route of the HTTP API: its parameters, its body, and what a success answers. */
export interface Routes {
  /** What this is and where to go on. */
  "GET /": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: RootView;
  };
  /** Who did what, newest first; for admins. */
  "GET /api/admin/audit": {
    path: Record<never, never>;
    query: { actor?: UserId; action?: string; since?: number; until?: number; cursor?: string; limit?: number };
    body: undefined;
    answer: AuditPage;
  };
  /** The tenant's content filter. */
  "GET /api/admin/content-filter": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: ContentFilterBody;
  };
  /** Replace the tenant's content filter. Every edge applies it within seconds, to messages sent from then on. */
  "PUT /api/admin/content-filter": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: ContentFilterBody;
    answer: ContentFilterBody;
  };
  /** Erase a customer with all their conversations, which have to have ended: what was said, files, tickets, account. */
  "DELETE /api/admin/customers/{id}": {
    path: { id: UserId };
    query: Record<never, never>;
    body: undefined;
    answer: Erased;
  };
  /** Everything that is kept of a customer: profile, conversations with all that was said, tickets, files by name. */
  "GET /api/admin/customers/{id}/export": {
    path: { id: UserId };
    query: Record<never, never>;
    body: undefined;
    answer: unknown;
  };
  /** No longer let the host site say who customers are. */
  "DELETE /api/admin/identity": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** Whether the host site may say who customers are. */
  "GET /api/admin/identity": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: IdentityView;
  };
  /** Make a new secret for the host site. Tokens signed with the one before are refused from now on. */
  "PUT /api/admin/identity": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: IdentityView;
  };
  /** No longer let staff log in through an identity provider. Who is logged in stays so; passwords go on working. */
  "DELETE /api/admin/identity-provider": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** The tenant's identity provider. */
  "GET /api/admin/identity-provider": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: IdentityProvider;
  };
  /** Let staff log in through an identity provider. */
  "PUT /api/admin/identity-provider": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: IdentityProvider;
    answer: IdentityProvider;
  };
  /** Which e-mail the tenant sends. */
  "GET /api/admin/mail": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: MailBody;
  };
  /** Set which e-mail the tenant sends. Workers go by it within seconds, if the operator has configured a server. */
  "PUT /api/admin/mail": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: MailBody;
    answer: MailBody;
  };
  /** Addresses that took no e-mail. */
  "GET /api/admin/mail/refused": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: RefusedAddresses;
  };
  /** Let an address be written to again. */
  "DELETE /api/admin/mail/refused/{address}": {
    path: { address: string };
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** The tenant's automatic replies. */
  "GET /api/admin/responder": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: ResponderBody;
  };
  /** Set automatic replies. Workers go by it within seconds. */
  "PUT /api/admin/responder": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: ResponderBody;
    answer: ResponderBody;
  };
  /** The tenant's retention. */
  "GET /api/admin/retention": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: RetentionBody;
  };
  /** Replace the tenant's retention. What is older is deleted within a quarter of an hour, and can't be had back. */
  "PUT /api/admin/retention": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: RetentionBody;
    answer: RetentionBody;
  };
  /** Read business hours, holidays and targets. */
  "GET /api/admin/service-levels": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: ServiceLevels;
  };
  /** Replace business hours, holidays and targets. */
  "PUT /api/admin/service-levels": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: ServiceLevels;
    answer: ServiceLevels;
  };
  /** The tenant's settings. */
  "GET /api/admin/settings": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: SettingsBody;
  };
  /** Replace the tenant's settings. They hold for whatever happens afterwards. */
  "PUT /api/admin/settings": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: SettingsBody;
    answer: SettingsBody;
  };
  /** Set an agent's availability. */
  "PUT /api/admin/support/agents/{id}/status": {
    path: { id: UserId };
    query: Record<never, never>;
    body: AvailabilityRequest;
    answer: AgentView;
  };
  /** Read how the desk stands: who waits, who answers, what has happened today. */
  "GET /api/admin/support/dashboard": {
    path: Record<never, never>;
    query: { offset_minutes?: number };
    body: undefined;
    answer: DashboardResponse;
  };
  /** Read a report: volume, waits, first responses, resolutions, satisfaction; by hour, day, agent or category. */
  "GET /api/admin/support/reports": {
    path: Record<never, never>;
    query: { from?: number; to?: number; by?: ReportBy; format?: string; offset_minutes?: number };
    body: undefined;
    answer: ReportResponse;
  };
  /** The teams with their members: those that were described, and those that agents name. */
  "GET /api/admin/teams": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: TeamView[];
  };
  /** Delete a team without members. */
  "DELETE /api/admin/teams/{id}": {
    path: { id: string };
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** Create a team, or rename it. */
  "PUT /api/admin/teams/{id}": {
    path: { id: string };
    query: Record<never, never>;
    body: TeamBody;
    answer: TeamView;
  };
  /** The people who can log in, by id. */
  "GET /api/admin/users": {
    path: Record<never, never>;
    query: { cursor?: string; limit?: number };
    body: undefined;
    answer: AccountPage;
  };
  /** Create somebody who can log in; staff becomes an agent too, offline at first. */
  "POST /api/admin/users": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: NewAccount;
    answer: AccountView;
  };
  /** Disable a person: they can't log in or renew a token, and their conversations go back to the queue. */
  "DELETE /api/admin/users/{id}": {
    path: { id: UserId };
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** One person; the version as `ETag`. */
  "GET /api/admin/users/{id}": {
    path: { id: UserId };
    query: Record<never, never>;
    body: undefined;
    answer: AccountView;
  };
  /**
   * Change a person. What concerns the desk is carried out there at once; name and role in tokens change at the next
   * renewal.
   */
  "PUT /api/admin/users/{id}": {
    path: { id: UserId };
    query: Record<never, never>;
    body: AccountEdit;
    answer: AccountView;
  };
  /** Set a person's password. Their refresh tokens are good for nothing afterwards. */
  "PUT /api/admin/users/{id}/password": {
    path: { id: UserId };
    query: Record<never, never>;
    body: PasswordBody;
    answer: undefined;
  };
  /** The tenant's webhooks. */
  "GET /api/admin/webhooks": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: WebhookView[];
  };
  /** Make a webhook. It gets events that happen from now on. */
  "POST /api/admin/webhooks": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: NewWebhook;
    answer: WebhookView;
  };
  /** Delete a webhook, with all that is known of its deliveries. What waits to be sent is not sent. */
  "DELETE /api/admin/webhooks/{id}": {
    path: { id: string };
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** One webhook; its version as `ETag`. */
  "GET /api/admin/webhooks/{id}": {
    path: { id: string };
    query: Record<never, never>;
    body: undefined;
    answer: WebhookView;
  };
  /** Change a webhook. What already waits to be sent goes by the change, too. */
  "PUT /api/admin/webhooks/{id}": {
    path: { id: string };
    query: Record<never, never>;
    body: WebhookEdit;
    answer: WebhookView;
  };
  /** The deliveries of a webhook, newest events first. */
  "GET /api/admin/webhooks/{id}/deliveries": {
    path: { id: string };
    query: { cursor?: string; limit?: number };
    body: undefined;
    answer: DeliveryPage;
  };
  /** Send an event again, whatever became of it: with the same id and the same body, signed anew. */
  "POST /api/admin/webhooks/{id}/deliveries/{event}/replay": {
    path: { id: string; event: string };
    query: Record<never, never>;
    body: undefined;
    answer: DeliveryView;
  };
  /** Send a test event, whichever events the webhook asks for. What becomes of it is among its deliveries. */
  "POST /api/admin/webhooks/{id}/test": {
    path: { id: string };
    query: Record<never, never>;
    body: undefined;
    answer: DeliveryView;
  };
  /** The form before a chat. */
  "GET /api/admin/widget": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: WidgetBody;
  };
  /** Replace the form before a chat. Widgets that are opened afterwards show it. */
  "PUT /api/admin/widget": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: WidgetBody;
    answer: WidgetBody;
  };
  /** Say whether you take conversations. */
  "PUT /api/agent/availability": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: AvailabilityRequest;
    answer: AgentView;
  };
  /** Take a waiting conversation. */
  "POST /api/agent/conversations/{id}/accept": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: ConversationResponse;
  };
  /** Take a conversation from whoever has it; for supervisors and admins. */
  "POST /api/agent/conversations/{id}/take-over": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: ConversationResponse;
  };
  /** Hand a conversation to an agent, or to the queue of a team. */
  "POST /api/agent/conversations/{id}/transfer": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: TransferRequest;
    answer: ConversationResponse;
  };
  /** Who waits: how many, and the first of them in the order in which they will be served. */
  "GET /api/agent/queue": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: QueueSnapshot;
  };
  /** The tenant's agents; for those who may follow the desk, where changes of them are told. */
  "GET /api/agents": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: AgentView[];
  };
  /** List the knowledge base, or ask it a question. */
  "GET /api/articles": {
    path: Record<never, never>;
    query: { q?: string; published?: boolean; cursor?: string; limit?: number };
    body: undefined;
    answer: ArticlePage;
  };
  /** Add an article to the knowledge base. */
  "POST /api/articles": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: ArticleRequest;
    answer: Article;
  };
  /** Remove an article. */
  "DELETE /api/articles/{id}": {
    path: { id: ArticleId };
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** Read an article. */
  "GET /api/articles/{id}": {
    path: { id: ArticleId };
    query: Record<never, never>;
    body: undefined;
    answer: Article;
  };
  /** Replace the content of an article. */
  "PUT /api/articles/{id}": {
    path: { id: ArticleId };
    query: Record<never, never>;
    body: ArticleRequest;
    answer: Article;
  };
  /** A file of a conversation, with links to its bytes that are good for a while and need no token. */
  "GET /api/attachments/{id}": {
    path: { id: AttachmentId };
    query: Record<never, never>;
    body: undefined;
    answer: AttachmentView;
  };
  /** A token for a customer whom the host site knows. */
  "POST /api/auth/customer": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: CustomerTokenRequest;
    answer: CustomerTokenResponse;
  };
  /** Log in with a password. */
  "POST /api/auth/login": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: LoginRequest;
    answer: TokenResponse;
  };
  /** Who the token says you are. */
  "GET /api/auth/me": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: UserView;
  };
  /** Tokens of the hub for an ID token of the tenant's identity provider. */
  "POST /api/auth/oidc": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: OidcRequest;
    answer: TokenResponse;
  };
  /** What a client needs to send somebody to their identity provider. */
  "POST /api/auth/oidc/begin": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: OidcBeginRequest;
    answer: OidcBeginResponse;
  };
  /** New tokens for a refresh token. */
  "POST /api/auth/renew": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: RenewRequest;
    answer: TokenResponse;
  };
  /** List the canned messages that you may use: the tenant's, your teams', your own. */
  "GET /api/canned-messages": {
    path: Record<never, never>;
    query: { q?: string; scope?: string; cursor?: string; limit?: number };
    body: undefined;
    answer: CannedPage;
  };
  /** Keep a message ready: for yourself, or, if you lead, for a team or the tenant. */
  "POST /api/canned-messages": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: CannedRequest;
    answer: CannedMessage;
  };
  /** Forget a canned message. */
  "DELETE /api/canned-messages/{id}": {
    path: { id: CannedId };
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** Read a canned message. */
  "GET /api/canned-messages/{id}": {
    path: { id: CannedId };
    query: Record<never, never>;
    body: undefined;
    answer: CannedMessage;
  };
  /** Replace the content of a canned message. */
  "PUT /api/canned-messages/{id}": {
    path: { id: CannedId };
    query: Record<never, never>;
    body: CannedRequest;
    answer: CannedMessage;
  };
  /** Fill in the variables of a canned message for a conversation: the agent is the caller. */
  "POST /api/canned-messages/{id}/render": {
    path: { id: CannedId };
    query: Record<never, never>;
    body: RenderRequest;
    answer: RenderedText;
  };
  /** A customer's conversations, newest first; customers see only their own. */
  "GET /api/chat/history/{user_id}": {
    path: { user_id: UserId };
    query: { cursor?: string; limit?: number };
    body: undefined;
    answer: ConversationPage;
  };
  /**
   * Put a conversation at a status: `closed` ends it, `waiting` puts it into the queue, `active` takes a waiting one or
   * goes on with a closed one.
   */
  "PUT /api/chat/sessions/{id}/status": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: SessionStatusRequest;
    answer: ConversationResponse;
  };
  /** Begin a conversation. */
  "POST /api/chat/start": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: StartRequest;
    answer: StartResponse;
  };
  /** Conversations, newest first: customers see their own, staff the tenant's. */
  "GET /api/conversations": {
    path: Record<never, never>;
    query: { status?: ConversationStatus; agent?: string; unassigned?: boolean; cursor?: string; limit?: number };
    body: undefined;
    answer: ConversationPage;
  };
  /** One conversation. */
  "GET /api/conversations/{id}": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: ConversationView;
  };
  /** Attach a file: the body is its bytes, whatever the content type says. */
  "POST /api/conversations/{id}/attachments": {
    path: { id: ConversationId };
    query: { client_id: string; name: string; text?: string; note?: boolean; known?: number };
    body: FormData | Blob;
    answer: AttachResponse;
  };
  /** End a conversation. */
  "POST /api/conversations/{id}/close": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: ConversationResponse;
  };
  /** Escalate a conversation: more urgent, perhaps to another team; supervisors and admins are told. */
  "POST /api/conversations/{id}/escalate": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: EscalateRequest;
    answer: ConversationResponse;
  };
  /** Ask for a person. */
  "POST /api/conversations/{id}/human": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: ConversationResponse;
  };
  /** Set the labels of a conversation; customers don't see them. */
  "PUT /api/conversations/{id}/labels": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: LabelsRequest;
    answer: ConversationResponse;
  };
  /** What was said, oldest first on each page; private notes only for staff. */
  "GET /api/conversations/{id}/messages": {
    path: { id: ConversationId };
    query: { before?: string; limit?: number };
    body: undefined;
    answer: HistoryPage;
  };
  /** Write a message, or a private note. */
  "POST /api/conversations/{id}/messages": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: SendRequest;
    answer: SendResponse;
  };
  /** The place of a waiting conversation, and how long it will probably wait. */
  "GET /api/conversations/{id}/queue": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: QueueEntryView;
  };
  /** Put a conversation back into its queue. */
  "POST /api/conversations/{id}/queue": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: ConversationResponse;
  };
  /** Say how far you have got: the highest sequence received, and the highest seen on screen. */
  "POST /api/conversations/{id}/read": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: ReadRequest;
    answer: undefined;
  };
  /** Go on with a conversation that has ended. */
  "POST /api/conversations/{id}/reopen": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: ConversationResponse;
  };
  /** Take up a conversation before its time. */
  "DELETE /api/conversations/{id}/snooze": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: undefined;
    answer: ConversationResponse;
  };
  /** Put a conversation aside until a time. */
  "POST /api/conversations/{id}/snooze": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: SnoozeRequest;
    answer: ConversationResponse;
  };
  /** Say how you were served: once each time the conversation ends. */
  "POST /api/conversations/{id}/survey": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: SurveyRequest;
    answer: ConversationResponse;
  };
  /** The conversation as a file: what was said, and the steps of its life, from the beginning. */
  "GET /api/conversations/{id}/transcript": {
    path: { id: ConversationId };
    query: { format?: string; notes?: boolean };
    body: undefined;
    answer: string;
  };
  /** Say that you type, or no longer do. */
  "POST /api/conversations/{id}/typing": {
    path: { id: ConversationId };
    query: Record<never, never>;
    body: TypingRequest;
    answer: undefined;
  };
  /** Replace the attributes of a customer. What their browser claimed stays apart. */
  "PUT /api/customer/{id}/attributes": {
    path: { id: UserId };
    query: Record<never, never>;
    body: AttributesRequest;
    answer: CustomerProfile;
  };
  /** Read what is known of a customer: profile, attributes, page and device, earlier conversations and tickets. */
  "GET /api/customer/{id}/context": {
    path: { id: UserId };
    query: Record<never, never>;
    body: undefined;
    answer: CustomerContext;
  };
  /** Tell the desk the page you are on, your device, and attributes: customers about themselves. */
  "PUT /api/customer/{id}/page": {
    path: { id: UserId };
    query: Record<never, never>;
    body: CustomerDetails;
    answer: undefined;
  };
  /** Follow channels as server-sent events. */
  "GET /api/events": {
    path: Record<never, never>;
    query: { join: string; access_token?: string };
    body: undefined;
    answer: string;
  };
  /** The bytes of a file. The address comes from `GET /api/attachments/{id}`; it needs no token and expires. */
  "GET /api/files/{tenant}/{id}/{variant}": {
    path: { tenant: TenantId; id: AttachmentId; variant: string };
    query: { expires: number; seal: string };
    body: undefined;
    answer: Blob;
  };
  /** Which e-mail you want. Everything, until you say otherwise. */
  "GET /api/me/notifications": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: NotificationsBody;
  };
  /** Say which e-mail you want. */
  "PUT /api/me/notifications": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: NotificationsBody;
    answer: NotificationsBody;
  };
  /** Take your picture away. */
  "DELETE /api/me/picture": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** Set your picture: the body is its bytes, PNG, JPEG or WebP of at most 256 KiB, whatever the content type says. */
  "PUT /api/me/picture": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: FormData | Blob;
    answer: undefined;
  };
  /** The picture of somebody of the staff. For everybody, as the pages that show it are. */
  "GET /api/people/{tenant}/{id}/picture": {
    path: { tenant: TenantId; id: UserId };
    query: { v?: number };
    body: undefined;
    answer: Blob | undefined;
  };
  /** Find messages, tickets and customers: ranked, with the places of the words; what the caller may see. */
  "GET /api/search": {
    path: Record<never, never>;
    query: { q: string; in?: string; conversation?: ConversationId; author?: string; from?: number; to?: number; limit?: number };
    body: undefined;
    answer: SearchResponse;
  };
  /** What to show before a chat: the form, and whether the desk is open. */
  "GET /api/site": {
    path: Record<never, never>;
    query: { tenant: TenantId };
    body: undefined;
    answer: SiteView;
  };
  /** Tickets, newest or most urgent first: customers see their own, staff the tenant's. */
  "GET /api/tickets": {
    path: Record<never, never>;
    query: { status?: TicketStatus; priority?: Priority; category?: Category; customer?: UserId; agent?: string; unassigned?: boolean; label?: string; snoozed?: boolean; q?: string; sort?: TicketSort; cursor?: string; limit?: number };
    body: undefined;
    answer: TicketPage;
  };
  /** Make a ticket. */
  "POST /api/tickets": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: CreateTicketRequest;
    answer: TicketView;
  };
  /** Make the same change to many tickets; each succeeds or fails by itself. */
  "POST /api/tickets/bulk": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: BulkTicketRequest;
    answer: BulkTicketResponse;
  };
  /** Take a ticket away; only one on which no conversation goes on. */
  "DELETE /api/tickets/{id}": {
    path: { id: TicketId };
    query: Record<never, never>;
    body: undefined;
    answer: undefined;
  };
  /** One ticket. */
  "GET /api/tickets/{id}": {
    path: { id: TicketId };
    query: Record<never, never>;
    body: undefined;
    answer: TicketView;
  };
  /** The same as `PUT`. */
  "PATCH /api/tickets/{id}": {
    path: { id: TicketId };
    query: Record<never, never>;
    body: UpdateTicketRequest;
    answer: TicketView;
  };
  /** Change a ticket; what is left out stays as it is. */
  "PUT /api/tickets/{id}": {
    path: { id: TicketId };
    query: Record<never, never>;
    body: UpdateTicketRequest;
    answer: TicketView;
  };
  /** Every change of a ticket, oldest first: who, when, which field, from what to what. */
  "GET /api/tickets/{id}/history": {
    path: { id: TicketId };
    query: { cursor?: string; limit?: number };
    body: undefined;
    answer: TicketHistoryPage;
  };
  /** Merge a duplicate into the ticket that stays. */
  "POST /api/tickets/{id}/merge": {
    path: { id: TicketId };
    query: Record<never, never>;
    body: MergeTicketRequest;
    answer: TicketView;
  };
  /** What was said on a ticket, oldest first on each page; a page is of one conversation. */
  "GET /api/tickets/{id}/messages": {
    path: { id: TicketId };
    query: { before?: string; limit?: number };
    body: undefined;
    answer: TicketMessagesPage;
  };
  /** Write on a ticket. */
  "POST /api/tickets/{id}/messages": {
    path: { id: TicketId };
    query: Record<never, never>;
    body: TicketMessageRequest;
    answer: TicketMessageResponse;
  };
  /** Whether the process runs. */
  "GET /health/live": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: LiveView;
  };
  /** Whether this node should be given requests. */
  "GET /health/ready": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: ReadyView;
  };
  /** Figures for Prometheus. */
  "GET /metrics": {
    path: Record<never, never>;
    query: Record<never, never>;
    body: undefined;
    answer: string;
  };
}
