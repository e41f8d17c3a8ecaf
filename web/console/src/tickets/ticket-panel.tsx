// One ticket: its fields, the way to its conversations, and what became of it step by step.

import { MessageSquare, Star, X } from "lucide-react";
import { inboxPath } from "../app/routes";
import type { TicketHistoryPage, TicketStepView, TicketView } from "../hub/awaited";
import { useLoaded } from "../hub/loaded";
import { ask } from "../hub/offers";
import { useNewest } from "../hub/tickets";
import { t } from "../i18n";
import inbox from "../inbox/inbox.module.css";
import { exactTime } from "../model/time";
import { IconButton } from "../ui/button";
import { Avatar, worded } from "../ui/marks";
import css from "../ui/page.module.css";
import { Failed, LoadingRows, Skeleton } from "../ui/states";
import { TicketFields } from "./ticket-fields";

export function TicketPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const loaded = useLoaded(id, () => ask<TicketView>("GET /api/tickets/{id}", { path: { id } }));
  const [ticket] = useNewest(loaded.data ? [loaded.data] : []);
  return (
    <aside className={`${inbox.context} ${css.panel}`} aria-label={t("Ticket")}>
      <div className={inbox.contextHead}>
        {ticket ? <Avatar id={ticket.customer.id} name={ticket.customer.name} size={36} /> : null}
        <div>
          <h2 dir="auto">{ticket?.subject ?? t("Ticket")}</h2>
          <p>{ticket ? `${ticket.customer.name} · ${exactTime(ticket.created_at)}` : null}</p>
        </div>
        <IconButton label={t("Close the ticket's panel")} onClick={onClose}>
          <X size={18} aria-hidden="true" />
        </IconButton>
      </div>
      {ticket ? (
        <Details ticket={ticket} />
      ) : loaded.failed ? (
        <Failed what={t("The ticket can't be shown")} reason={loaded.failed} onRetry={loaded.reload} />
      ) : (
        <LoadingRows rows={4} label={t("Loading the ticket")} />
      )}
    </aside>
  );
}

function Details({ ticket }: { ticket: TicketView }) {
  const { satisfaction, conversations } = ticket;
  return (
    <>
      <section className={inbox.section}>
        <TicketFields ticket={ticket} />
      </section>
      <section className={inbox.section}>
        <h3>{t("Description")}</h3>
        <p className={css.prose} dir="auto">
          {ticket.description}
        </p>
      </section>
      {satisfaction ? (
        <section className={inbox.section}>
          <h3>{t("Satisfaction")}</h3>
          <p className={css.prose}>
            <Stars score={satisfaction.score} /> {satisfaction.comment}
          </p>
        </section>
      ) : null}
      <section className={`${inbox.section} ${inbox.earlier}`}>
        <h3>
          {t("Conversations")} <span>{conversations?.length ?? 0}</span>
        </h3>
        <ul>
          {conversations?.map((conversation, index) => (
            <li key={conversation}>
              <a href={`#${inboxPath("all", conversation)}`}>
                <MessageSquare size={14} aria-hidden="true" /> {t("Conversation {n}", { n: index + 1 })}
              </a>
            </li>
          ))}
        </ul>
      </section>
      <History ticket={ticket} />
    </>
  );
}

/** A score out of five. */
export function Stars({ score }: { score: number }) {
  return (
    <span role="img" aria-label={t("{n} of 5", { n: score })} className={css.stars}>
      {[1, 2, 3, 4, 5].map((each) => (
        <Star key={each} size={14} fill={each <= score ? "currentColor" : "none"} aria-hidden="true" />
      ))}
    </span>
  );
}

function History({ ticket }: { ticket: TicketView }) {
  const { id, version } = ticket;
  const loaded = useLoaded(`${id}/${version}`, () =>
    ask<TicketHistoryPage>("GET /api/tickets/{id}/history", { path: { id }, query: { limit: 100 } }),
  );
  return (
    <section className={inbox.section}>
      <h3>{t("History")}</h3>
      {loaded.data ? (
        <ol className={css.steps}>
          {loaded.data.items.map((step) => (
            <li key={step.version}>
              <span className={css.muted}>
                {exactTime(step.at)} · {step.by.name}
              </span>
              <Changes step={step} />
            </li>
          ))}
        </ol>
      ) : loaded.failed ? (
        <p className={css.muted}>{loaded.failed}</p>
      ) : (
        <Skeleton width="70%" />
      )}
    </section>
  );
}

function Changes({ step }: { step: TicketStepView }) {
  return step.changes.map(({ field, from, to }) => (
    <div key={field} className={css.clip}>
      {worded(field)}: {from ? `${shown(from)} → ` : ""}
      {to ? shown(to) : t("nothing")}
    </div>
  ));
}

function shown(value: string): string {
  // Of an id the end tells it from others.
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)) return `…${value.slice(-6)}`;
  return /^[A-Z_]+$/.test(value) ? worded(value) : value;
}
