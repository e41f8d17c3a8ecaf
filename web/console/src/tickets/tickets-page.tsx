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
        title="Tickets"
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
          what="tickets"
          icon={filtered ? SearchX : Ticket}
          empty={filtered ? "No ticket matches" : "No tickets yet"}
          hint={filtered ? "Change the filters above." : "Each conversation begins one."}
        >
          <Table
            label="Tickets"
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
          aria-label="Search subjects"
          placeholder="Search subjects"
          maxLength={100}
          value={text}
          onChange={(event) => onText(event.target.value)}
        />
      </div>
      <CompactSelect
        label="Status"
        value={filter.status}
        onChange={(event) => set({ status: event.target.value as Filter["status"] })}
      >
        <option value="">Any status</option>
        <Options of={STATUSES} />
      </CompactSelect>
      <CompactSelect
        label="Priority"
        value={filter.priority}
        onChange={(event) => set({ priority: event.target.value as Filter["priority"] })}
      >
        <option value="">Any priority</option>
        <Options of={PRIORITIES} />
      </CompactSelect>
      <CompactSelect
        label="Category"
        value={filter.category}
        onChange={(event) => set({ category: event.target.value as Filter["category"] })}
      >
        <option value="">Any category</option>
        <Options of={CATEGORIES} />
      </CompactSelect>
      <CompactSelect
        label="Agent"
        value={filter.agent}
        onChange={(event) => set({ agent: event.target.value })}
      >
        <option value="">Anybody</option>
        <option value="me">Me</option>
        <option value="none">Nobody</option>
        {Object.values(agents).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </CompactSelect>
      <CompactSelect
        label="Order"
        value={filter.sort}
        onChange={(event) => set({ sort: event.target.value as TicketSort })}
      >
        <option value="updated">Last changed</option>
        <option value="created">Newest</option>
        <option value="priority">Most urgent</option>
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
            aria-label="Choose all"
            checked={all}
            onChange={() => onChosen(all ? new Set() : new Set(tickets.slice(0, 100).map(({ id }) => id)))}
          />
        ),
        cell: ({ id, subject }) => (
          <input
            type="checkbox"
            className={css.box}
            aria-label={`Choose ${subject}`}
            checked={chosen.has(id)}
            onChange={() => toggle(id)}
          />
        ),
      },
      {
        key: "subject",
        name: "Subject",
        cell: (ticket) => (
          <div className={css.clip}>
            <a className={css.rowLink} href={`#/tickets/${ticket.id}`}>
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
        name: "Status",
        cell: ({ status }) => <Pill tone={STATUS_TONES[status]}>{worded(status)}</Pill>,
      },
      {
        key: "priority",
        name: "Priority",
        secondary: true,
        cell: ({ priority }) => <PriorityPill priority={priority} always />,
      },
      { key: "category", name: "Category", secondary: true, cell: ({ category }) => worded(category) },
      {
        key: "agent",
        name: "Agent",
        secondary: true,
        cell: ({ assigned_agent: agent }) =>
          agent ? (
            <span className={css.person}>
              <Avatar id={agent.id} name={agent.name} size={22} />
              {agent.name}
            </span>
          ) : (
            <span className={css.muted}>Nobody</span>
          ),
      },
      {
        key: "updated",
        name: "Changed",
        number: true,
        secondary: true,
        cell: ({ updated_at }) => <span title={exactTime(updated_at)}>{shortAgo(updated_at, now)}</span>,
      },
    ];
  }, [tickets, chosen, onChosen, now]);
}
