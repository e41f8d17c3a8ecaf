// The customer and the ticket, beside the conversation.

import { X } from "lucide-react";
import { useNow } from "../app/clock";
import { setLabels } from "../hub/actions";
import { useDesk } from "../hub/desk";
import { useOffers } from "../hub/offers";
import type { Conversation } from "../hub/types";
import { t } from "../i18n";
import { customerIsHere } from "../model/thread";
import { duration, exactTime } from "../model/time";
import { LabelField } from "../tickets/label-field";
import { IconButton } from "../ui/button";
import { Avatar, Pill, PriorityPill, type Tone, worded } from "../ui/marks";
import { CustomerSections } from "./customer-section";
import { Earlier } from "./earlier";
import css from "./inbox.module.css";
import { TicketSection } from "./ticket-section";

const TONES: Record<Conversation["status"], Tone | undefined> = {
  waiting: "warn",
  active: "ok",
  closed: undefined,
};

export function ContextPanel({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const thread = useDesk((state) => state.threads[conversation.id]);
  const offers = useOffers();
  const now = useNow();
  const { customer, agent, status, activity } = conversation;
  const here = thread !== undefined && customerIsHere(thread);
  const waited = (conversation.assigned_at ?? conversation.ended_at ?? now) - conversation.started_at;
  return (
    <aside className={css.context} aria-label={t("Customer and ticket")}>
      <div className={css.contextHead}>
        <Avatar id={customer.id} name={customer.name} size={44} presence={here ? "online" : "offline"} />
        <div>
          <h2>{customer.name}</h2>
          <p>{here ? t("Here now") : t("Not connected")}</p>
        </div>
        <span className={css.contextClose}>
          <IconButton label={t("Hide customer")} onClick={onClose}>
            <X size={18} aria-hidden="true" />
          </IconButton>
        </span>
      </div>
      <section className={css.section}>
        <h3>{t("Conversation")}</h3>
        <dl className={css.facts}>
          <dt>{t("Status")}</dt>
          <dd>
            <Pill tone={TONES[status]}>{worded(status)}</Pill>
          </dd>
          <dt>{t("Agent")}</dt>
          <dd>{agent?.name ?? t("Nobody yet")}</dd>
          <dt>{t("Topic")}</dt>
          <dd>{worded(conversation.issue_type)}</dd>
          {conversation.team ? (
            <>
              <dt>{t("Team")}</dt>
              <dd>{conversation.team}</dd>
            </>
          ) : null}
          <dt>{t("Priority")}</dt>
          <dd>
            <PriorityPill priority={conversation.priority} always />
          </dd>
          {offers.has("PUT /api/conversations/{id}/labels") ? (
            <>
              <dt>{t("Labels")}</dt>
              <dd>
                <LabelField
                  key={(conversation.labels ?? []).join()}
                  label={t("Labels of the conversation, separated by commas")}
                  labels={conversation.labels ?? []}
                  onLabels={(labels) => void setLabels(conversation.id, labels)}
                />
              </dd>
            </>
          ) : null}
          <dt>{t("Began")}</dt>
          <dd>{exactTime(conversation.started_at)}</dd>
          <dt>{conversation.assigned_at || status === "closed" ? t("Waited") : t("Waiting")}</dt>
          <dd>{duration(waited)}</dd>
          {conversation.ended_at ? (
            <>
              <dt>{t("Ended")}</dt>
              <dd>{exactTime(conversation.ended_at)}</dd>
            </>
          ) : null}
          {activity ? (
            <>
              <dt>{t("Messages")}</dt>
              <dd>{activity.message_count}</dd>
            </>
          ) : null}
        </dl>
      </section>
      {offers.has("GET /api/tickets/{id}") ? <TicketSection conversation={conversation} /> : null}
      {offers.has("GET /api/customer/{id}/context") ? (
        <CustomerSections conversation={conversation} now={now} />
      ) : (
        <Earlier conversation={conversation} now={now} />
      )}
    </aside>
  );
}
