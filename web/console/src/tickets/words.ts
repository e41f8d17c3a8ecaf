// The words and colours of tickets.

import type { Category, TicketStatus } from "../hub/awaited";
import type { Tone } from "../ui/marks";

export const STATUSES: readonly TicketStatus[] = ["OPEN", "IN_PROGRESS", "RESOLVED", "CLOSED"];
export const CATEGORIES: readonly Category[] = [
  "PAYMENT",
  "SHIPPING",
  "ACCOUNT",
  "RETURNS",
  "TECHNICAL",
  "OTHER",
];
export const PRIORITIES = ["LOW", "MEDIUM", "HIGH", "URGENT"] as const;

export const STATUS_TONES: Record<TicketStatus, Tone | undefined> = {
  OPEN: "warn",
  IN_PROGRESS: "info",
  RESOLVED: "ok",
  CLOSED: undefined,
};

/** Labels as they are typed: separated by commas, each once. */
export function readLabels(text: string): string[] {
  return [
    ...new Set(
      text
        .split(",")
        .map((label) => label.trim())
        .filter(Boolean),
    ),
  ];
}
