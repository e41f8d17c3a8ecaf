// Tickets: what the feed tells of them, and changes.

import { createStore, useStore } from "zustand";
import { counted, t } from "../i18n";
import { toast } from "../ui/toasts";
import { reasonOf } from "./actions";
import type { BulkTicketRequest, BulkTicketResponse, TicketView, UpdateTicketRequest } from "./awaited";
import { ask } from "./offers";

/** The newest state of tickets that were told or changed here. */
const known = createStore<Record<string, TicketView | null>>(() => ({}));
const KEPT = 2000;

/** Takes a ticket's newer state; `null` when it is gone. */
export function takeTicket(id: string, ticket: TicketView | null): void {
  known.setState((tickets) => {
    const before = tickets[id];
    if (ticket && before && before.version > ticket.version) return tickets;
    if (Object.keys(tickets).length > KEPT) return { [id]: ticket };
    return { ...tickets, [id]: ticket };
  }, true);
}

/** A ticket with what is known to be newer; `null` when it was deleted. */
export function newest(ticket: TicketView, told: Record<string, TicketView | null>): TicketView | null {
  const newer = told[ticket.id];
  if (newer === null) return null;
  if (!newer || newer.version < ticket.version) return ticket;
  const { message_count, last_message, last_message_at } = ticket;
  return { message_count, last_message, last_message_at, ...newer };
}

/** The newest states of a list of tickets, without those that are gone. */
export function useNewest(tickets: readonly TicketView[]): TicketView[] {
  const told = useStore(known);
  return tickets.flatMap((ticket) => newest(ticket, told) ?? []);
}

/** Changes a ticket, if it is still as it was seen; answers with why it was refused, if it was. */
export async function updateTicket(ticket: TicketView, body: UpdateTicketRequest): Promise<string | null> {
  try {
    const options = { path: { id: ticket.id }, body, ifMatch: `"${ticket.version}"` };
    takeTicket(ticket.id, await ask<TicketView>("PUT /api/tickets/{id}", options));
    return null;
  } catch (error) {
    const reason = reasonOf(error);
    toast(t("Ticket not changed"), { text: reason, tone: "bad" });
    void refresh(ticket.id);
    return reason;
  }
}

async function refresh(id: string): Promise<void> {
  try {
    takeTicket(id, await ask<TicketView>("GET /api/tickets/{id}", { path: { id } }));
  } catch {
    // What is shown stays as it was.
  }
}

/** Makes the same change to many tickets and says how it went. */
export async function changeTickets(body: BulkTicketRequest): Promise<void> {
  try {
    const { outcomes } = await ask<BulkTicketResponse>("POST /api/tickets/bulk", { body });
    for (const { id, ticket } of outcomes) if (ticket) takeTicket(id, ticket);
    const refused = outcomes.filter(({ code }) => code);
    const changed = outcomes.length - refused.length;
    if (refused.length === 0) toast(counted("tickets", changed), { tone: "good" });
    else {
      const text = [...new Set(refused.map(({ detail }) => detail ?? ""))].slice(0, 2).join(" ");
      toast(t("Changed {n}, not changed {refused}", { n: changed, refused: refused.length }), {
        text,
        tone: "bad",
      });
    }
  } catch (error) {
    toast(t("Tickets not changed"), { text: reasonOf(error), tone: "bad" });
  }
}
