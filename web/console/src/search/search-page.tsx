// Search over messages, tickets and customers; what was found is marked.

import { Lock, SearchX, TextSearch } from "lucide-react";
import { useState } from "react";
import { inboxPath, useHashLocation } from "../app/routes";
import type { MessageHit, SearchResponse, TicketHit } from "../hub/awaited";
import { useLoaded, useSettled } from "../hub/loaded";
import { ask } from "../hub/offers";
import { t } from "../i18n";
import { exactTime } from "../model/time";
import { Marked } from "../ui/marked";
import { Avatar, Pill, worded } from "../ui/marks";
import { Page } from "../ui/page";
import css from "../ui/page.module.css";
import { SearchField } from "../ui/search-field";
import { Empty, Failed, LoadingRows } from "../ui/states";

const LIMIT = 30;

export function SearchPage() {
  const [path] = useHashLocation();
  const [text, setText] = useState(() => decodeURIComponent(path.split("/")[2] ?? ""));
  const q = useSettled(text.trim(), 300);
  const loaded = useLoaded(q, async (): Promise<SearchResponse | null> => {
    return q ? ask<SearchResponse>("GET /api/search", { query: { q, limit: LIMIT } }) : null;
  });
  return (
    <Page
      title={t("Search")}
      bar={<SearchField label={t("Search everything")} value={text} onChange={setText} autoFocus />}
    >
      {q === "" ? (
        <Empty icon={TextSearch} title={t("Search everything that was said")}>
          {t("Messages and notes by words, tickets by subject and description, customers by name.")}
        </Empty>
      ) : loaded.failed ? (
        <Failed what={t("The search failed")} reason={loaded.failed} onRetry={loaded.reload} />
      ) : loaded.data ? (
        <Results found={loaded.data} />
      ) : (
        <LoadingRows label={t("Searching")} />
      )}
    </Page>
  );
}

function Results({ found: { messages, tickets, customers } }: { found: SearchResponse }) {
  const count = (messages?.items.length ?? 0) + (tickets?.items.length ?? 0) + (customers?.items.length ?? 0);
  if (count === 0) {
    return (
      <Empty icon={SearchX} title={t("Nothing was found")}>
        {t("All words have to be there; try fewer.")}
      </Empty>
    );
  }
  return (
    <div className={css.results} role="status" aria-label={t("{n} found", { n: count })}>
      {customers && customers.items.length > 0 ? (
        <section className={css.block}>
          <h2>{t("Customers")}</h2>
          <ul className={css.people}>
            {customers.items.map((customer) => (
              <li key={customer.id} className={css.person}>
                <Avatar id={customer.id} name={customer.name} size={28} />
                <span>
                  <Marked text={customer.name} places={customer.highlights} />
                  <span className={css.muted}>
                    {" "}
                    · {t("last here {time}", { time: exactTime(customer.last_seen_at) })}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {tickets && tickets.items.length > 0 ? (
        <section className={css.block}>
          <h2>{t("Tickets")}</h2>
          <ul className={css.hits}>
            {tickets.items.map((hit) => (
              <li key={hit.id}>
                <TicketResult hit={hit} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {messages && messages.items.length > 0 ? (
        <section className={css.block}>
          <h2>{t("Messages")}</h2>
          <ul className={css.hits}>
            {messages.items.map((hit) => (
              <li key={`${hit.epoch}/${hit.seq}`}>
                <MessageResult hit={hit} />
              </li>
            ))}
          </ul>
          {messages.is_bounded ? (
            <p className={css.muted}>{t("There may be older ones. More words find them.")}</p>
          ) : null}
        </section>
      ) : null}
    </div>
  );
}

function TicketResult({ hit }: { hit: TicketHit }) {
  return (
    <a href={`#/tickets/${hit.id}`}>
      <strong>
        <Marked text={hit.subject} places={hit.subject_highlights} />
      </strong>
      <span className={css.muted}>
        <Pill>{worded(hit.status)}</Pill> {hit.customer.name} · {exactTime(hit.created_at)}
      </span>
      <span dir="auto">
        <Marked text={hit.excerpt} places={hit.highlights} />
      </span>
    </a>
  );
}

function MessageResult({ hit }: { hit: MessageHit }) {
  return (
    <a href={`#${inboxPath("all", hit.conversation_id)}`}>
      <strong>
        {hit.note ? <Lock size={12} aria-label={t("Private note")} /> : null} {hit.author.name}
      </strong>
      <span className={css.muted}>
        {hit.customer ? `${t("with {name}", { name: hit.customer.name })} · ` : ""}
        {exactTime(hit.at)}
      </span>
      <span>
        <Marked text={hit.excerpt} places={hit.highlights} />
      </span>
    </a>
  );
}
