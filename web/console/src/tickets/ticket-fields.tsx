// The fields of a ticket that can be changed where they are shown.

import type { Category, TicketStatus, TicketView } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { updateTicket } from "../hub/tickets";
import type { Priority } from "../hub/types";
import inbox from "../inbox/inbox.module.css";
import { exactTime } from "../model/time";
import { CompactSelect } from "../ui/fields";
import { LabelField } from "./label-field";
import { Options } from "./tickets-page";
import { CATEGORIES, PRIORITIES, STATUSES } from "./words";

const HOUR = 3_600_000;
const SNOOZES: [string, number][] = [
  ["1 hour", HOUR],
  ["4 hours", 4 * HOUR],
  ["1 day", 24 * HOUR],
  ["1 week", 168 * HOUR],
];

export function TicketFields({ ticket }: { ticket: TicketView }) {
  const agents = useDesk((state) => state.agents);
  const snoozed = ticket.snoozed_until ?? null;
  return (
    <dl className={inbox.facts}>
      <dt>Status</dt>
      <dd>
        <CompactSelect
          label="Status of the ticket"
          value={ticket.status}
          onChange={(event) => void updateTicket(ticket, { status: event.target.value as TicketStatus })}
        >
          <Options of={STATUSES} />
        </CompactSelect>
      </dd>
      <dt>Priority</dt>
      <dd>
        <CompactSelect
          label="Priority of the ticket"
          value={ticket.priority}
          onChange={(event) => void updateTicket(ticket, { priority: event.target.value as Priority })}
        >
          <Options of={PRIORITIES} />
        </CompactSelect>
      </dd>
      <dt>Category</dt>
      <dd>
        <CompactSelect
          label="Category of the ticket"
          value={ticket.category}
          onChange={(event) => void updateTicket(ticket, { category: event.target.value as Category })}
        >
          <Options of={CATEGORIES} />
        </CompactSelect>
      </dd>
      <dt>Agent</dt>
      <dd>
        <CompactSelect
          label="Agent of the ticket"
          value={ticket.assigned_agent?.id ?? ""}
          onChange={(event) => void updateTicket(ticket, { assigned_agent: event.target.value || null })}
        >
          <option value="">Nobody</option>
          {Object.values(agents).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </CompactSelect>
      </dd>
      <dt>Labels</dt>
      <dd>
        <LabelField
          key={ticket.version}
          label="Labels of the ticket, separated by commas"
          labels={ticket.labels ?? []}
          onLabels={(labels) => void updateTicket(ticket, { labels })}
        />
      </dd>
      <dt>Snooze</dt>
      <dd>
        <CompactSelect
          label="Put the ticket aside"
          value={snoozed ? "on" : ""}
          onChange={(event) => {
            const { value } = event.target;
            void updateTicket(ticket, { snoozed_until: value ? Date.now() + Number(value) : null });
          }}
        >
          <option value="">{snoozed ? "Wake it now" : "Not put aside"}</option>
          {snoozed ? <option value="on">until {exactTime(snoozed)}</option> : null}
          {SNOOZES.map(([name, ms]) => (
            <option key={ms} value={ms}>
              for {name}
            </option>
          ))}
        </CompactSelect>
      </dd>
    </dl>
  );
}
