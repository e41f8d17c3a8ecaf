// The audit log: who did what, and what came of it.

import { ScrollText } from "lucide-react";
import { useState } from "react";
import { inboxPath } from "../app/routes";
import type { AuditPage as Answer, AuditItem } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { usePages } from "../hub/loaded";
import { ask } from "../hub/offers";
import { t } from "../i18n";
import { exactTime } from "../model/time";
import { CompactSelect } from "../ui/fields";
import { Pill, worded } from "../ui/marks";
import { type Column, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { ListState } from "../ui/pages";
import { deed } from "./deeds";
import { SettingsNav } from "./nav";

const DAY = 86_400_000;

const COLUMNS: Column<AuditItem>[] = [
  { key: "at", name: t("When"), cell: ({ at }) => <span className={css.nowrap}>{exactTime(at)}</span> },
  { key: "by", name: t("Who"), cell: ({ by }) => by.name },
  {
    key: "action",
    name: t("What"),
    cell: (item) => (
      <>
        {deed(item.action)}
        <div className={css.onPhone}>
          <Target item={item} />
        </div>
      </>
    ),
  },
  { key: "target", name: t("On"), secondary: true, cell: (item) => <Target item={item} /> },
  {
    key: "outcome",
    name: t("Outcome"),
    secondary: true,
    cell: ({ outcome }) => <Pill tone={outcome === "done" ? "ok" : "warn"}>{worded(outcome)}</Pill>,
  },
  {
    key: "detail",
    name: t("More"),
    secondary: true,
    cell: ({ detail }) => <div className={`${css.clip} ${css.muted}`}>{detail}</div>,
  },
];

function Target({ item: { target_kind: kind, target_id: id } }: { item: AuditItem }) {
  if (!kind || !id) return null;
  const path = kind === "conversation" ? inboxPath("all", id) : kind === "ticket" ? `/tickets/${id}` : null;
  const name = `${worded(kind)} ${id.length > 12 ? `…${id.slice(-6)}` : id}`;
  return path ? (
    <a className={css.rowLink} href={`#${path}`}>
      {name}
    </a>
  ) : (
    name
  );
}

export function AuditPage() {
  const agents = useDesk((state) => state.agents);
  const [actor, setActor] = useState("");
  const [days, setDays] = useState(7);
  const pages = usePages(`${actor}/${days}`, (cursor) => {
    const since = Date.now() - days * DAY;
    return ask<Answer>("GET /api/admin/audit", { query: { actor: actor || undefined, since, cursor } });
  });
  return (
    <Page
      title={t("Settings")}
      flush
      nav={<SettingsNav />}
      bar={
        <>
          <CompactSelect label={t("Who")} value={actor} onChange={(event) => setActor(event.target.value)}>
            <option value="">{t("Everybody")}</option>
            {Object.values(agents).map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </CompactSelect>
          <CompactSelect
            label={t("Time")}
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
          >
            <option value={1}>{t("Last day")}</option>
            <option value={7}>{t("Last week")}</option>
            <option value={90}>{t("Last 90 days")}</option>
          </CompactSelect>
        </>
      }
    >
      <ListState
        pages={pages}
        what={t("Audit log")}
        icon={ScrollText}
        empty={t("Nothing was done in this time")}
      >
        <Table
          label={t("Audit log")}
          columns={COLUMNS}
          rows={pages.items}
          rowKey={({ at, action, target_id, by }) => `${at}/${action}/${target_id}/${by.id}`}
        />
      </ListState>
    </Page>
  );
}
