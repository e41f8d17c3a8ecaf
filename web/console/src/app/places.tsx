// The pages of the console: where they are, what they are called, who sees them.

import {
  Activity,
  BookOpen,
  ChartColumn,
  Inbox,
  type LucideIcon,
  Search,
  Settings,
  Ticket,
} from "lucide-react";
import { type ComponentType, lazy } from "react";
import type { Role } from "../hub/types";

export interface Place {
  /** First part of the path. */
  path: string;
  name: string;
  icon: LucideIcon;
  page: ComponentType;
  /** Who sees it; everybody of the staff when absent. */
  roles?: readonly Role[];
  /** Reached from another page of the rail. */
  inner?: boolean;
}

const InboxPage = lazy(async () => ({ default: (await import("../inbox/inbox-page")).InboxPage }));
const LivePage = lazy(async () => ({ default: (await import("../desk/live-page")).LivePage }));
const TicketsPage = lazy(async () => ({ default: (await import("../tickets/tickets-page")).TicketsPage }));
const SearchPage = lazy(async () => ({ default: (await import("../search/search-page")).SearchPage }));
const CannedPage = lazy(async () => ({ default: (await import("../settings/canned-page")).CannedPage }));
const ArticlesPage = lazy(async () => ({
  default: (await import("../settings/articles-page")).ArticlesPage,
}));
const ReportsPage = lazy(async () => ({ default: (await import("../reports/reports-page")).ReportsPage }));
const UsersPage = lazy(async () => ({ default: (await import("../settings/users-page")).UsersPage }));
const TeamsPage = lazy(async () => ({ default: (await import("../settings/teams-page")).TeamsPage }));
const RoutingPage = lazy(async () => ({ default: (await import("../settings/routing-page")).RoutingPage }));
const WebhooksPage = lazy(async () => ({
  default: (await import("../settings/webhooks-page")).WebhooksPage,
}));

const HoursPage = lazy(async () => ({ default: (await import("../settings/hours-page")).HoursPage }));
const AuditPage = lazy(async () => ({ default: (await import("../settings/audit-page")).AuditPage }));

const LEADS: readonly Role[] = ["supervisor", "admin"];

/** In the order of the rail. Of two that a path begins with, the first is meant. */
export const PLACES: readonly Place[] = [
  { path: "/inbox", name: "Inbox", icon: Inbox, page: InboxPage },
  { path: "/live", name: "Queue and agents", icon: Activity, page: LivePage },
  { path: "/tickets", name: "Tickets", icon: Ticket, page: TicketsPage },
  { path: "/search", name: "Search", icon: Search, page: SearchPage },
  { path: "/library/articles", name: "Knowledge base", icon: BookOpen, page: ArticlesPage, inner: true },
  { path: "/library", name: "Library", icon: BookOpen, page: CannedPage },
  { path: "/reports", name: "Reports", icon: ChartColumn, page: ReportsPage, roles: LEADS },
  { path: "/settings/teams", name: "Teams", icon: Settings, page: TeamsPage, roles: LEADS, inner: true },
  {
    path: "/settings/routing",
    name: "Routing",
    icon: Settings,
    page: RoutingPage,
    roles: LEADS,
    inner: true,
  },
  {
    path: "/settings/webhooks",
    name: "Webhooks",
    icon: Settings,
    page: WebhooksPage,
    roles: LEADS,
    inner: true,
  },
  {
    path: "/settings/hours",
    name: "Hours and targets",
    icon: Settings,
    page: HoursPage,
    roles: LEADS,
    inner: true,
  },
  {
    path: "/settings/audit",
    name: "Audit log",
    icon: Settings,
    page: AuditPage,
    roles: ["admin"],
    inner: true,
  },
  { path: "/settings", name: "Settings", icon: Settings, page: UsersPage, roles: LEADS },
];

/** The pages that a role sees. */
export function placesFor(role: Role): Place[] {
  return PLACES.filter(({ roles }) => !roles || roles.includes(role));
}
