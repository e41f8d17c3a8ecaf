// What is kept of one customer: a copy of all of it, or its end.

import { UserSearch } from "lucide-react";
import { useState } from "react";
import { reasonOf } from "../hub/actions";
import type { CustomerHit, Erased, SearchResponse } from "../hub/awaited";
import { useLoaded, useSettled } from "../hub/loaded";
import { ask } from "../hub/offers";
import { api } from "../hub/session";
import { t } from "../i18n";
import { exactTime } from "../model/time";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Avatar } from "../ui/marks";
import css from "../ui/page.module.css";
import { SearchField } from "../ui/search-field";
import { Empty, Failed, LoadingRows } from "../ui/states";
import { toast } from "../ui/toasts";

const LIMIT = 10;

export function CustomerData() {
  const [text, setText] = useState("");
  const q = useSettled(text.trim(), 300);
  const found = useLoaded(q, async (): Promise<CustomerHit[]> => {
    if (!q) return [];
    const query = { q, in: "customers", limit: LIMIT };
    const { customers } = await ask<SearchResponse>("GET /api/search", { query });
    return customers?.items ?? [];
  });
  return (
    <section className={css.later} aria-labelledby="customer-data">
      <h2 id="customer-data">{t("What is kept of one customer")}</h2>
      <p className={css.muted}>{t("For those who ask what you know of them, or want it gone.")}</p>
      <SearchField label={t("Search customers by name")} value={text} onChange={setText} />
      {q === "" ? null : found.failed ? (
        <Failed what={t("The search failed")} reason={found.failed} onRetry={found.reload} />
      ) : !found.data || found.loading ? (
        <LoadingRows rows={2} label={t("Searching")} />
      ) : found.data.length === 0 ? (
        <Empty icon={UserSearch} title={t("Nobody is called so")} />
      ) : (
        <ul className={css.people}>
          {found.data.map((customer) => (
            <Person key={customer.id} customer={customer} onErased={found.reload} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Person({
  customer: { id, name, last_seen_at },
  onErased,
}: {
  customer: CustomerHit;
  onErased: () => void;
}) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const attempt = async (failed: string, work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toast(failed, { text: reasonOf(error), tone: "bad" });
    }
    setBusy(false);
  };
  const save = () =>
    attempt(t("Nothing was exported"), async () => {
      const path = `/api/admin/customers/${encodeURIComponent(id)}/export`;
      offer(await (await api.send("GET", path)).blob(), `customer-${id}.json`);
    });
  const erase = () =>
    attempt(t("Not erased"), async () => {
      const erased = await ask<Erased>("DELETE /api/admin/customers/{id}", { path: { id } });
      const { conversations, files } = erased;
      toast(t("{name} is erased", { name }), {
        text: t("Conversations: {conversations}, files: {files}", { conversations, files }),
        tone: "good",
      });
      onErased();
    });
  return (
    <li className={css.personRow}>
      <Avatar id={id} name={name} size={32} />
      <div className={css.who}>
        <bdi>{name}</bdi>
        <span className={css.muted}>{t("last here {time}", { time: exactTime(last_seen_at) })}</span>
      </div>
      <Button
        small
        disabled={busy}
        aria-label={t("Export what is kept of {name}", { name })}
        onClick={() => void save()}
      >
        {t("Export")}
      </Button>
      <Button
        small
        disabled={busy}
        aria-label={t("Erase what is kept of {name}", { name })}
        onClick={() => setAsked(true)}
      >
        {t("Erase")}
      </Button>
      {asked ? (
        <Confirm
          title={t("Erase {name}", { name })}
          text={t(
            "Account, conversations, tickets and files are deleted for good. All their conversations have to have ended.",
          )}
          action={t("Erase")}
          onClose={() => setAsked(false)}
          onConfirm={() => void erase()}
        />
      ) : null}
    </li>
  );
}

/** Has the browser keep something as a file. */
function offer(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
