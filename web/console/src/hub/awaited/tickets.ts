// The bodies of tickets, service levels and the audit log, as far as the console uses them.

import type { Author, ErrorCode, Party, Priority } from "@confab/protocol";

/** Where a ticket stands. */
export type TicketStatus = "OPEN" | "IN_PROGRESS" | "RESOLVED" | "CLOSED";

/** What a ticket is about, coarsely. */
export type Category = "PAYMENT" | "SHIPPING" | "ACCOUNT" | "RETURNS" | "TECHNICAL" | "OTHER";

/** What a customer said of how they were served. */
export interface Satisfaction {
  score: number;
  comment?: string | null;
  at: number;
}

/** A ticket, as those who may see it see it. Customers see neither labels nor snoozing nor targets. */
export interface TicketView {
  id: string;
  subject: string;
  description: string;
  status: TicketStatus;
  priority: Priority;
  category: Category;
  customer: Party;
  assigned_agent?: Party | null;
  created_at: number;
  updated_at: number;
  resolved_at?: number | null;
  labels?: string[];
  snoozed_until?: number | null;
  merged_into?: string | null;
  satisfaction?: Satisfaction | null;
  first_response_due_at?: number | null;
  resolution_due_at?: number | null;
  breached?: ServiceGoal[];
  conversations?: string[];
  version: number;
  message_count?: number | null;
  last_message?: string | null;
  last_message_at?: number | null;
}

/** A page of tickets. */
export interface TicketPage {
  items: TicketView[];
  next_cursor?: string | null;
}

/** The order of a list of tickets; each begins with the newest or most urgent. */
export type TicketSort = "created" | "updated" | "priority";

/** `PUT` and `PATCH /api/tickets/{id}`: what is left out stays as it is. */
export interface UpdateTicketRequest {
  subject?: string | null;
  description?: string | null;
  status?: TicketStatus | null;
  priority?: Priority | null;
  category?: Category | null;
  assigned_agent?: string | null | null;
  labels?: string[] | null;
  snoozed_until?: number | null | null;
}

/** `POST /api/tickets/bulk`: the same change for many tickets. */
export interface BulkTicketRequest {
  ids: string[];
  status?: TicketStatus | null;
  priority?: Priority | null;
  assigned_agent?: string | null | null;
  add_labels?: string[];
  remove_labels?: string[];
}

/** Answer to a bulk change: one outcome for each ticket, in the order asked. */
export interface BulkTicketResponse {
  outcomes: BulkTicketOutcome[];
}

/** What became of one ticket of a bulk change. */
export interface BulkTicketOutcome {
  id: string;
  status: number;
  ticket?: TicketView | null;
  code?: ErrorCode | null;
  detail?: string | null;
}

/** A field that changed. */
export interface FieldChange {
  field: string;
  from?: string | null;
  to?: string | null;
}

/** One step in the history of a ticket. */
export interface TicketStepView {
  version: number;
  at: number;
  by: Author;
  changes: FieldChange[];
}

/** A page of a ticket's history, oldest first. */
export interface TicketHistoryPage {
  items: TicketStepView[];
  next_cursor?: string | null;
}

/** `POST /api/conversations/{id}/escalate`. */
export interface EscalateRequest {
  priority?: Priority | null;
  team?: string | null;
  note?: string | null;
}

/** One line of the audit log. */
export interface AuditItem {
  at: number;
  by: Author;
  action: string;
  target_kind?: string | null;
  target_id?: string | null;
  outcome: string;
  detail?: string | null;
}

/** A page of the audit log, newest first. */
export interface AuditPage {
  items: AuditItem[];
  next_cursor?: string | null;
}

/** A day of the week. */
export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** A time of a day during which the desk is open. */
export interface OpenHours {
  day: Weekday;
  from: string;
  until: string;
}

/** How soon what has to happen for tickets of one urgency, in minutes in which the desk is open. */
export interface ServiceTargets {
  priority: Priority;
  first_response_minutes?: number | null;
  resolution_minutes?: number | null;
}

/** A tenant's service levels. Without targets nothing is watched. */
export interface ServiceLevels {
  time_zone: string;
  hours?: OpenHours[];
  holidays?: string[];
  targets?: ServiceTargets[];
  warn_percent?: number;
}

/** What has to happen in time. */
export type ServiceGoal = "first_response" | "resolution";

/** How it stands with a goal that was not met yet. */
export type ServiceState = "warning" | "breached";

/** A warning, or that a goal was missed. */
export interface ServiceNotice {
  ticket_id: string;
  subject: string;
  goal: ServiceGoal;
  state: ServiceState;
  due_at: number;
}
