// The conversation's ticket, to see and to change beside it.

import type { TicketView } from "../hub/awaited";
import { useLoaded } from "../hub/loaded";
import { ask } from "../hub/offers";
import { useNewest } from "../hub/tickets";
import type { Conversation } from "../hub/types";
import { t } from "../i18n";
import { TicketFields } from "../tickets/ticket-fields";
import page from "../ui/page.module.css";
import { Skeleton } from "../ui/states";
import css from "./inbox.module.css";

export function TicketSection({ conversation }: { conversation: Conversation }) {
  const id = conversation.ticket_id;
  const loaded = useLoaded(id, () => ask<TicketView>("GET /api/tickets/{id}", { path: { id } }));
  const [ticket] = useNewest(loaded.data ? [loaded.data] : []);
  return (
    <section className={css.section}>
      <h3>
        {t("Ticket")} <a href={`#/tickets/${id}`}>{t("Open")}</a>
      </h3>
      {ticket ? (
        <>
          <p className={css.subject} dir="auto">
            {ticket.subject}
          </p>
          <TicketFields ticket={ticket} />
        </>
      ) : loaded.failed ? (
        <p className={page.muted}>{loaded.failed}</p>
      ) : (
        <Skeleton width="80%" />
      )}
    </section>
  );
}
