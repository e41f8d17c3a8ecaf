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
import { t } from "../i18n";

export interface Place {
  /** First part of the path. */
  path: string;
  name: string;
  /** Its name among the pages beside it, when that is another. */
  tab?: string;
  icon: LucideIcon;
  page: ComponentType;
  /** Who sees it; everybody of the staff when absent. */
  roles?: readonly Role[];
  /** The route of the hub that it is made of; a hub without it has no such page. */
  needs?: string;
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
const WidgetPage = lazy(async () => ({ default: (await import("../settings/widget-page")).WidgetPage }));
const AuditPage = lazy(async () => ({ default: (await import("../settings/audit-page")).AuditPage }));

const LEADS: readonly Role[] = ["supervisor", "admin"];

/** In the order of the rail. Of two that a path begins with, the first is meant. */
export const PLACES: readonly Place[] = [
  { path: "/inbox", name: t("Inbox"), icon: Inbox, page: InboxPage },
  { path: "/live", name: t("Queue and agents"), icon: Activity, page: LivePage },
  { path: "/tickets", needs: "GET /api/tickets", name: t("Tickets"), icon: Ticket, page: TicketsPage },
  { path: "/search", needs: "GET /api/search", name: t("Search"), icon: Search, page: SearchPage },
  {
    path: "/library/articles",
    needs: "GET /api/articles",
    name: t("Knowledge base"),
    icon: BookOpen,
    page: ArticlesPage,
    inner: true,
  },
  {
    path: "/library",
    needs: "GET /api/canned-messages",
    name: t("Library"),
    tab: t("Canned messages"),
    icon: BookOpen,
    page: CannedPage,
  },
  {
    path: "/reports",
    needs: "GET /api/admin/support/reports",
    name: t("Reports"),
    icon: ChartColumn,
    page: ReportsPage,
    roles: LEADS,
  },
  {
    path: "/settings/teams",
    needs: "GET /api/admin/teams",
    name: t("Teams"),
    icon: Settings,
    page: TeamsPage,
    roles: LEADS,
    inner: true,
  },
  {
    path: "/settings/routing",
    needs: "GET /api/admin/settings",
    name: t("Routing"),
    icon: Settings,
    page: RoutingPage,
    roles: LEADS,
    inner: true,
  },
  {
    path: "/settings/webhooks",
    needs: "GET /api/admin/webhooks",
    name: t("Webhooks"),
    icon: Settings,
    page: WebhooksPage,
    roles: LEADS,
    inner: true,
  },
  {
    path: "/settings/hours",
    needs: "GET /api/admin/service-levels",
    name: t("Hours and targets"),
    icon: Settings,
    page: HoursPage,
    roles: LEADS,
    inner: true,
  },
  {
    path: "/settings/widget",
    needs: "GET /api/admin/widget",
    name: t("Widget"),
    icon: Settings,
    page: WidgetPage,
    roles: LEADS,
    inner: true,
  },
  {
    path: "/settings/audit",
    needs: "GET /api/admin/audit",
    name: t("Audit log"),
    icon: Settings,
    page: AuditPage,
    roles: ["admin"],
    inner: true,
  },
  {
    path: "/settings",
    needs: "GET /api/admin/users",
    name: t("Settings"),
    tab: t("People"),
    icon: Settings,
    page: UsersPage,
    roles: LEADS,
  },
];

/** The pages that a role sees of a hub that offers these routes. */
export function placesFor(role: Role, offers: ReadonlySet<string>): Place[] {
  return PLACES.filter(
    ({ roles, needs }) => (!roles || roles.includes(role)) && (needs === undefined || offers.has(needs)),
  );
}
