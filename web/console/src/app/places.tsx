// The pages of the console: where they are, what they are called, who sees them.

import { Activity, Inbox, type LucideIcon } from "lucide-react";
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
}

const InboxPage = lazy(() => import("../inbox/inbox-page").then(({ InboxPage }) => ({ default: InboxPage })));
const LivePage = lazy(() => import("../desk/live-page").then(({ LivePage }) => ({ default: LivePage })));

export const PLACES: readonly Place[] = [
  { path: "/inbox", name: "Inbox", icon: Inbox, page: InboxPage },
  { path: "/live", name: "Queue and agents", icon: Activity, page: LivePage },
];

/** The pages that a role sees. */
export function placesFor(role: Role): Place[] {
  return PLACES.filter(({ roles }) => !roles || roles.includes(role));
}
