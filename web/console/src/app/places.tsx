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
  /** Under which heading it stands among the pages beside it. */
  group?: Group;
}

export type Group = keyof typeof GROUPS;

/** Headings of the settings, in their order. */
export const GROUPS = {
  desk: t("The desk"),
  customers: t("Customers"),
  access: t("Access and data"),
} as const;

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

const ResponderPage = lazy(async () => ({
  default: (await import("../settings/responder-page")).ResponderPage,
}));
const FilterPage = lazy(async () => ({ default: (await import("../settings/filter-page")).FilterPage }));
const MailPage = lazy(async () => ({ default: (await import("../settings/mail-page")).MailPage }));
const ProviderPage = lazy(async () => ({
  default: (await import("../settings/provider-page")).ProviderPage,
}));
const RetentionPage = lazy(async () => ({
  default: (await import("../settings/retention-page")).RetentionPage,
}));

const LEADS: readonly Role[] = ["supervisor", "admin"];

/** The settings but the first. */
const SETTINGS: readonly Place[] = [
  setting("teams", "GET /api/admin/teams", t("Teams"), TeamsPage, "desk"),
  setting("routing", "GET /api/admin/settings", t("Routing"), RoutingPage, "desk"),
  setting("hours", "GET /api/admin/service-levels", t("Hours and targets"), HoursPage, "desk"),
  setting("widget", "GET /api/admin/widget", t("Widget"), WidgetPage, "customers"),
  setting("responder", "GET /api/admin/responder", t("Automatic replies"), ResponderPage, "customers"),
  setting("filter", "GET /api/admin/content-filter", t("Content filter"), FilterPage, "customers"),
  setting("mail", "GET /api/admin/mail", t("E-mail"), MailPage, "customers"),
  setting("provider", "GET /api/admin/identity-provider", t("Identity provider"), ProviderPage, "access"),
  setting("webhooks", "GET /api/admin/webhooks", t("Webhooks"), WebhooksPage, "access"),
  setting("data", "GET /api/admin/retention", t("Data and privacy"), RetentionPage, "access"),
  setting("audit", "GET /api/admin/audit", t("Audit log"), AuditPage, "access", ["admin"]),
];

function setting(
  path: string,
  needs: string,
  name: string,
  page: ComponentType,
  group: Group,
  roles: readonly Role[] = LEADS,
): Place {
  return { path: `/settings/${path}`, needs, name, icon: Settings, page, roles, inner: true, group };
}

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
  ...SETTINGS,
  {
    path: "/settings",
    needs: "GET /api/admin/users",
    name: t("Settings"),
    tab: t("People"),
    icon: Settings,
    page: UsersPage,
    roles: LEADS,
    group: "desk",
  },
];

/** The pages that a role sees of a hub that offers these routes. */
export function placesFor(role: Role, offers: ReadonlySet<string>): Place[] {
  return PLACES.filter(
    ({ roles, needs }) => (!roles || roles.includes(role)) && (needs === undefined || offers.has(needs)),
  );
}
