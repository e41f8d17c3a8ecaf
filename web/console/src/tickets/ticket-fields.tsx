// The fields of a ticket that can be changed where they are shown.

import type { Category, TicketStatus, TicketView } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { updateTicket } from "../hub/tickets";
import type { Priority } from "../hub/types";
import { t } from "../i18n";
import inbox from "../inbox/inbox.module.css";
import { exactTime } from "../model/time";
import { CompactSelect } from "../ui/fields";
import { LabelField } from "./label-field";
import { Options } from "./tickets-page";
import { CATEGORIES, PRIORITIES, STATUSES } from "./words";

const HOUR = 3_600_000;
const SNOOZES: [string, number][] = [
  [t("1 hour"), HOUR],
  [t("4 hours"), 4 * HOUR],
  [t("1 day"), 24 * HOUR],
  [t("1 week"), 168 * HOUR],
];

export function TicketFields({ ticket }: { ticket: TicketView }) {
  const agents = useDesk((state) => state.agents);
  const snoozed = ticket.snoozed_until ?? null;
  return (
    <dl className={inbox.facts}>
      <dt>{t("Status")}</dt>
      <dd>
        <CompactSelect
          label={t("Status of the ticket")}
          value={ticket.status}
          onChange={(event) => void updateTicket(ticket, { status: event.target.value as TicketStatus })}
        >
          <Options of={STATUSES} />
        </CompactSelect>
      </dd>
      <dt>{t("Priority")}</dt>
      <dd>
        <CompactSelect
          label={t("Priority of the ticket")}
          value={ticket.priority}
          onChange={(event) => void updateTicket(ticket, { priority: event.target.value as Priority })}
        >
          <Options of={PRIORITIES} />
        </CompactSelect>
      </dd>
      <dt>{t("Category")}</dt>
      <dd>
        <CompactSelect
          label={t("Category of the ticket")}
          value={ticket.category}
          onChange={(event) => void updateTicket(ticket, { category: event.target.value as Category })}
        >
          <Options of={CATEGORIES} />
        </CompactSelect>
      </dd>
      <dt>{t("Agent")}</dt>
      <dd>
        <CompactSelect
          label={t("Agent of the ticket")}
          value={ticket.assigned_agent?.id ?? ""}
          onChange={(event) => void updateTicket(ticket, { assigned_agent: event.target.value || null })}
        >
          <option value="">{t("Nobody")}</option>
          {Object.values(agents).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </CompactSelect>
      </dd>
      <dt>{t("Labels")}</dt>
      <dd>
        <LabelField
          key={ticket.version}
          label={t("Labels of the ticket, separated by commas")}
          labels={ticket.labels ?? []}
          onLabels={(labels) => void updateTicket(ticket, { labels })}
        />
      </dd>
      <dt>{t("Snooze")}</dt>
      <dd>
        <CompactSelect
          label={t("Put the ticket aside")}
          value={snoozed ? "on" : ""}
          onChange={(event) => {
            const { value } = event.target;
            void updateTicket(ticket, { snoozed_until: value ? Date.now() + Number(value) : null });
          }}
        >
          <option value="">{snoozed ? t("Wake it now") : t("Not put aside")}</option>
          {snoozed ? <option value="on">{t("until {time}", { time: exactTime(snoozed) })}</option> : null}
          {SNOOZES.map(([name, ms]) => (
            <option key={ms} value={ms}>
              {t("for {time}", { time: name })}
            </option>
          ))}
        </CompactSelect>
      </dd>
    </dl>
  );
}
