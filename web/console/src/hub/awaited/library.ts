// The bodies of search, the library, customers and reports, as far as the console uses them.

import type { Author, ConversationView, Party, Priority } from "@confab/protocol";

/** Who may use a canned message. */
export type CannedScope =
  | { kind: "tenant" }
  | { kind: "team"; team: string }
  | { kind: "person"; user_id?: string | null };

/** A canned message to create, or its new content. */
export interface CannedRequest {
  code: string;
  title: string;
  text: string;
  scope?: CannedScope;
  answers?: boolean;
}

/** A canned message. */
export interface CannedMessage {
  id: string;
  code: string;
  title: string;
  text: string;
  scope: CannedScope;
  answers?: boolean;
  updated_by?: string | null;
  updated_at: number;
  version: number;
}

/** A page of canned messages. */
export interface CannedPage {
  items: CannedMessage[];
  next_cursor?: string | null;
}

/** A text with its variables filled in. */
export interface RenderedText {
  text: string;
  missing: string[];
}

/** An article to create, or its new content. */
export interface ArticleRequest {
  title: string;
  body: string;
  answer?: string | null;
  url?: string | null;
  labels?: string[];
  published?: boolean;
}

/** An article of the knowledge base. */
export interface Article {
  id: string;
  title: string;
  body: string;
  answer?: string | null;
  url?: string | null;
  labels?: string[];
  published?: boolean;
  updated_by?: string | null;
  updated_at: number;
  version: number;
}

/** Articles: a page of the list, or the best of a search. */
export interface ArticlePage {
  items: ArticleHit[];
  next_cursor?: string | null;
}

/** An article in a list. */
export interface ArticleHit extends Article {
  excerpt: string;
  highlights: Highlight[];
  confidence?: number | null;
}

/** Answer to `GET /api/search`: a group for each kind that was searched. */
export interface SearchResponse {
  messages?: MessageHits | null;
  tickets?: TicketHits | null;
  customers?: CustomerHits | null;
}

/** Messages that were found. */
export interface MessageHits {
  items: MessageHit[];
  candidates: number;
  is_bounded: boolean;
}

/** Tickets that were found. */
export interface TicketHits {
  items: TicketHit[];
  candidates: number;
  is_bounded: boolean;
}

/** Customers who were found. */
export interface CustomerHits {
  items: CustomerHit[];
  candidates: number;
  is_bounded: boolean;
}

/** A part of a text to mark, in UTF-16 code units: `text.slice(start, end)` in JavaScript. */
export interface Highlight {
  start: number;
  end: number;
}

/** A message that was found. */
export interface MessageHit {
  conversation_id: string;
  customer?: Party | null;
  epoch: string;
  seq: number;
  note: boolean;
  author: Author;
  at: number;
  excerpt: string;
  highlights: Highlight[];
  score: number;
}

/** A ticket that was found. */
export interface TicketHit {
  id: string;
  subject: string;
  subject_highlights: Highlight[];
  excerpt: string;
  highlights: Highlight[];
  status: string;
  category: string;
  priority: Priority;
  customer: Party;
  created_at: number;
  updated_at: number;
  score: number;
}

/** A customer who was found. */
export interface CustomerHit extends Party {
  highlights: Highlight[];
  last_seen_at: number;
}

/** The page that a customer is on. */
export interface PageView {
  url: string;
  title?: string | null;
  referrer?: string | null;
}

/** The device that a customer uses, as their browser tells. */
export interface DeviceView {
  user_agent?: string | null;
  language?: string | null;
  time_zone?: string | null;
  window?: string | null;
}

/** What is known of a customer. */
export interface CustomerProfile {
  id: string;
  name?: string;
  attributes?: Record<string, boolean | number | string>;
  claimed?: Record<string, boolean | number | string>;
  page?: PageView | null;
  device?: DeviceView | null;
  first_seen_at?: number;
  last_seen_at?: number;
  conversations?: number;
  version?: number;
}

/** A ticket of a customer, in short. */
export interface TicketSummary {
  id: string;
  subject: string;
  status: string;
  category: string;
  priority: Priority;
  created_at: number;
  resolved_at?: number | null;
  satisfaction?: number | null;
}

/** How content a customer is. */
export interface SatisfactionSummary {
  answers: number;
  average: number;
}

/** Answer to `GET /api/customer/{id}/context`. */
export interface CustomerContext {
  profile: CustomerProfile;
  conversations: ConversationView[];
  tickets: TicketSummary[];
  satisfaction?: SatisfactionSummary | null;
}

/** Times of one kind. */
export interface MeasureView {
  count: number;
  average_seconds?: number | null;
  p50_seconds?: number | null;
  p90_seconds?: number | null;
}

/** What happened, in figures. */
export interface TallyView {
  started: number;
  closed: number;
  resolved: number;
  wait: MeasureView;
  first_response: MeasureView;
  resolution: MeasureView;
  duration: MeasureView;
  ratings: number;
  satisfaction?: number | null;
}

/** What the rows of a report are about. */
export type ReportBy = "hour" | "day" | "agent" | "category";

/** A row of a report. */
export interface ReportRow extends TallyView {
  key: string;
  name?: string | null;
}

/** Answer to `GET /api/admin/support/reports`. */
export interface ReportResponse {
  from: number;
  to: number;
  by: ReportBy;
  rows: ReportRow[];
  total: TallyView;
}
