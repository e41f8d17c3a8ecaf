// All tickets: filtered, in order, changed one by one or many at once.

import { Search, SearchX, Ticket } from "lucide-react";
import { useMemo, useState } from "react";
import { useNow } from "../app/clock";
import { go, useHashLocation } from "../app/routes";
import type { Category, TicketPage, TicketSort, TicketStatus, TicketView } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { usePages, useSettled } from "../hub/loaded";
import { ask } from "../hub/offers";
import { useNewest } from "../hub/tickets";
import type { Priority } from "../hub/types";
import { t } from "../i18n";
import inbox from "../inbox/inbox.module.css";
import { exactTime, shortAgo } from "../model/time";
import { CompactSelect } from "../ui/fields";
import { Avatar, Pill, PriorityPill, worded } from "../ui/marks";
import { type Column, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { ListState } from "../ui/pages";
import { BulkBar } from "./bulk-bar";
import { TicketPanel } from "./ticket-panel";
import { CATEGORIES, PRIORITIES, STATUS_TONES, STATUSES } from "./words";

interface Filter {
  status: TicketStatus | "";
  priority: Priority | "";
  category: Category | "";
  agent: string;
  sort: TicketSort;
}

const NO_FILTER: Filter = { status: "", priority: "", category: "", agent: "", sort: "updated" };

export function TicketsPage() {
  const [path] = useHashLocation();
  const open = path.split("/")[2] || null;
  const [filter, setFilter] = useState(NO_FILTER);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const q = useSettled(text.trim()) || undefined;
  const pages = usePages(JSON.stringify([filter, q]), (cursor) =>
    ask<TicketPage>("GET /api/tickets", {
      query: {
        status: filter.status || undefined,
        priority: filter.priority || undefined,
        category: filter.category || undefined,
        ...(filter.agent === "none" ? { unassigned: true } : { agent: filter.agent || undefined }),
        sort: filter.sort,
        q,
        cursor,
        limit: 50,
      },
    }),
  );
  const tickets = useNewest(pages.items);
  const columns = useColumns(tickets, chosen, setChosen);
  const filtered =
    q !== undefined || JSON.stringify({ ...filter, sort: "updated" }) !== JSON.stringify(NO_FILTER);
  return (
    <div className={css.split}>
      <Page
        title={t("Tickets")}
        flush
        bar={
          chosen.size > 0 ? (
            <BulkBar chosen={chosen} onDone={() => setChosen(new Set())} />
          ) : (
            <Filters filter={filter} onFilter={setFilter} text={text} onText={setText} />
          )
        }
      >
        <ListState
          pages={pages}
          what={t("Tickets")}
          icon={filtered ? SearchX : Ticket}
          empty={filtered ? t("No ticket matches") : t("No tickets yet")}
          hint={filtered ? t("Change the filters above.") : t("Each conversation begins one.")}
        >
          <Table
            label={t("Tickets")}
            columns={columns}
            rows={tickets}
            rowKey={({ id }) => id}
            selected={({ id }) => chosen.has(id) || id === open}
          />
        </ListState>
      </Page>
      {open ? <TicketPanel key={open} id={open} onClose={() => go("/tickets")} /> : null}
    </div>
  );
}

interface FiltersProps {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  text: string;
  onText: (text: string) => void;
}

function Filters({ filter, onFilter, text, onText }: FiltersProps) {
  const agents = useDesk((state) => state.agents);
  const set = (change: Partial<Filter>) => onFilter({ ...filter, ...change });
  return (
    <>
      <div className={`${inbox.search} ${css.grow}`}>
        <Search size={16} aria-hidden="true" />
        <input
          type="search"
          aria-label={t("Search subjects")}
          placeholder={t("Search subjects")}
          maxLength={100}
          value={text}
          onChange={(event) => onText(event.target.value)}
        />
      </div>
      <CompactSelect
        label={t("Status")}
        value={filter.status}
        onChange={(event) => set({ status: event.target.value as Filter["status"] })}
      >
        <option value="">{t("Any status")}</option>
        <Options of={STATUSES} />
      </CompactSelect>
      <CompactSelect
        label={t("Priority")}
        value={filter.priority}
        onChange={(event) => set({ priority: event.target.value as Filter["priority"] })}
      >
        <option value="">{t("Any priority")}</option>
        <Options of={PRIORITIES} />
      </CompactSelect>
      <CompactSelect
        label={t("Category")}
        value={filter.category}
        onChange={(event) => set({ category: event.target.value as Filter["category"] })}
      >
        <option value="">{t("Any category")}</option>
        <Options of={CATEGORIES} />
      </CompactSelect>
      <CompactSelect
        label={t("Agent")}
        value={filter.agent}
        onChange={(event) => set({ agent: event.target.value })}
      >
        <option value="">{t("Anybody")}</option>
        <option value="me">{t("Me")}</option>
        <option value="none">{t("Nobody")}</option>
        {Object.values(agents).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </CompactSelect>
      <CompactSelect
        label={t("Order")}
        value={filter.sort}
        onChange={(event) => set({ sort: event.target.value as TicketSort })}
      >
        <option value="updated">{t("Last changed")}</option>
        <option value="created">{t("Newest")}</option>
        <option value="priority">{t("Most urgent")}</option>
      </CompactSelect>
    </>
  );
}

/** Enum names as options. */
export function Options({ of }: { of: readonly string[] }) {
  return of.map((name) => (
    <option key={name} value={name}>
      {worded(name)}
    </option>
  ));
}

function useColumns(
  tickets: readonly TicketView[],
  chosen: ReadonlySet<string>,
  onChosen: (chosen: ReadonlySet<string>) => void,
): Column<TicketView>[] {
  const now = useNow();
  return useMemo(() => {
    const all = tickets.length > 0 && tickets.every(({ id }) => chosen.has(id));
    const toggle = (id: string) => {
      const next = new Set(chosen);
      if (!next.delete(id)) next.add(id);
      onChosen(next);
    };
    return [
      {
        key: "chosen",
        name: (
          <input
            type="checkbox"
            className={css.box}
            aria-label={t("Choose all")}
            checked={all}
            onChange={() => onChosen(all ? new Set() : new Set(tickets.slice(0, 100).map(({ id }) => id)))}
          />
        ),
        cell: ({ id, subject }) => (
          <input
            type="checkbox"
            className={css.box}
            aria-label={t("Choose {name}", { name: subject })}
            checked={chosen.has(id)}
            onChange={() => toggle(id)}
          />
        ),
      },
      {
        key: "subject",
        name: t("Subject"),
        cell: (ticket) => (
          <div className={css.clip}>
            <a className={css.rowLink} dir="auto" href={`#/tickets/${ticket.id}`}>
              {ticket.subject}
            </a>
            <div className={css.muted}>
              {ticket.customer.name}
              {ticket.labels?.map((label) => (
                <span key={label}> · {label}</span>
              ))}
            </div>
          </div>
        ),
      },
      {
        key: "status",
        name: t("Status"),
        cell: ({ status }) => <Pill tone={STATUS_TONES[status]}>{worded(status)}</Pill>,
      },
      {
        key: "priority",
        name: t("Priority"),
        secondary: true,
        cell: ({ priority }) => <PriorityPill priority={priority} always />,
      },
      { key: "category", name: t("Category"), secondary: true, cell: ({ category }) => worded(category) },
      {
        key: "agent",
        name: t("Agent"),
        secondary: true,
        cell: ({ assigned_agent: agent }) =>
          agent ? (
            <span className={css.person}>
              <Avatar id={agent.id} name={agent.name} size={22} staff />
              {agent.name}
            </span>
          ) : (
            <span className={css.muted}>{t("Nobody")}</span>
          ),
      },
      {
        key: "updated",
        name: t("Changed"),
        number: true,
        secondary: true,
        cell: ({ updated_at }) => <span title={exactTime(updated_at)}>{shortAgo(updated_at, now)}</span>,
      },
    ];
  }, [tickets, chosen, onChosen, now]);
}
