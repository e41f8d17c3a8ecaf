// The head of a conversation: who it is with, who else looks at it, and what can be done.

import {
  AlarmClock,
  ArrowLeft,
  ArrowRightLeft,
  CircleCheck,
  Ellipsis,
  Hand,
  Link2,
  ListRestart,
  PanelRight,
  RotateCcw,
  Siren,
} from "lucide-react";
import { go, inboxPath, inboxPlace, useHashLocation } from "../app/routes";
import { accept, assignToMe, closeConversation, reopen, requeue, snooze, wake } from "../hub/actions";
import { useDesk } from "../hub/desk";
import { useOffers } from "../hub/offers";
import type { Conversation } from "../hub/types";
import { t } from "../i18n";
import { customerIsHere, type Thread, viewers } from "../model/thread";
import { exactTime } from "../model/time";
import { Button, buttonClass, IconButton } from "../ui/button";
import { Avatar, Pill, PriorityPill, worded } from "../ui/marks";
import { Menu, MenuItem } from "../ui/menu";
import { toast } from "../ui/toasts";
import css from "./inbox.module.css";
import { permitted } from "./permitted";

const HOUR = 3_600_000;
const SNOOZES: [string, number][] = [
  [t("1 hour"), HOUR],
  [t("1 day"), 24 * HOUR],
  [t("1 week"), 168 * HOUR],
];

interface HeadProps {
  conversation: Conversation;
  thread: Thread | undefined;
  details: boolean;
  onDetails: () => void;
  onTransfer: () => void;
  onEscalate: () => void;
}

export function ThreadHead({ conversation, thread, details, onDetails, onTransfer, onEscalate }: HeadProps) {
  const me = useDesk((state) => state.me);
  const [path] = useHashLocation();
  const offers = useOffers();
  const { id, customer } = conversation;
  const may = permitted(conversation, me);
  const others = thread ? viewers(thread, me.id) : [];
  const copyLink = () => {
    void navigator.clipboard.writeText(location.href).then(() => toast(t("Link copied"), { tone: "good" }));
  };
  return (
    <header className={css.threadHead}>
      <span className={css.back}>
        <IconButton
          label={t("Back to the list")}
          onClick={() => go(inboxPath(inboxPlace(path)?.tab ?? "mine"))}
        >
          <ArrowLeft size={18} aria-hidden="true" className={css.turned} />
        </IconButton>
      </span>
      <div className={css.who}>
        <h2>
          <span dir="auto">{customer.name}</span>
          <PriorityPill priority={conversation.priority} />
          {conversation.snoozed_until ? (
            <Pill tone="info">{t("Until {time}", { time: exactTime(conversation.snoozed_until) })}</Pill>
          ) : null}
        </h2>
        <p>{situation(conversation, thread, me.id)}</p>
      </div>
      {others.length > 0 ? (
        <div
          className={css.viewers}
          role="img"
          aria-label={t("Also looking: {names}", { names: others.map(({ name }) => name).join(", ") })}
          title={t("Also looking: {names}", { names: others.map(({ name }) => name).join(", ") })}
        >
          {others.slice(0, 3).map((member) => (
            <Avatar key={member.id} id={member.id} name={member.name} size={24} staff />
          ))}
        </div>
      ) : null}
      {may.accept ? (
        <Button look="primary" onClick={() => void accept(id)}>
          <Hand size={15} aria-hidden="true" />
          {t("Accept")}
        </Button>
      ) : null}
      {may.assignToMe ? <Button onClick={() => void assignToMe(id)}>{t("Assign to me")}</Button> : null}
      {may.close ? (
        <Button onClick={() => void closeConversation(id)}>
          <CircleCheck size={15} aria-hidden="true" />
          <span className={css.word}>{t("Close")}</span>
        </Button>
      ) : null}
      {may.reopen ? (
        <Button onClick={() => void reopen(id)}>
          <RotateCcw size={15} aria-hidden="true" />
          <span className={css.word}>{t("Reopen")}</span>
        </Button>
      ) : null}
      <Menu
        label={t("More actions")}
        placement="bottom-end"
        button={
          <button type="button" className={buttonClass("quiet", false, true)} aria-label={t("More actions")}>
            <Ellipsis size={18} aria-hidden="true" />
          </button>
        }
      >
        <MenuItem
          icon={<ArrowRightLeft size={15} aria-hidden="true" />}
          end="T"
          disabled={!may.transfer}
          onSelect={onTransfer}
        >
          {t("Transfer …")}
        </MenuItem>
        <MenuItem
          icon={<ListRestart size={15} aria-hidden="true" />}
          disabled={!may.requeue}
          onSelect={() => void requeue(id)}
        >
          {t("Back to the queue")}
        </MenuItem>
        {offers.has("POST /api/conversations/{id}/escalate") ? (
          <MenuItem
            icon={<Siren size={15} aria-hidden="true" />}
            disabled={conversation.status === "closed"}
            onSelect={onEscalate}
          >
            {t("Escalate …")}
          </MenuItem>
        ) : null}
        {offers.has("POST /api/conversations/{id}/snooze") ? <Snoozing conversation={conversation} /> : null}
        <MenuItem icon={<Link2 size={15} aria-hidden="true" />} onSelect={copyLink}>
          {t("Copy link")}
        </MenuItem>
      </Menu>
      <IconButton
        label={details ? t("Hide customer") : t("Show customer")}
        keys="I"
        aria-pressed={details}
        onClick={onDetails}
      >
        <PanelRight size={18} aria-hidden="true" />
      </IconButton>
    </header>
  );
}

/** Puts a conversation aside, or brings it back. */
function Snoozing({ conversation }: { conversation: Conversation }) {
  const { id } = conversation;
  return conversation.snoozed_until ? (
    <MenuItem icon={<AlarmClock size={15} aria-hidden="true" />} onSelect={() => void wake(id)}>
      {t("Bring back now")}
    </MenuItem>
  ) : (
    SNOOZES.map(([name, ms]) => (
      <MenuItem
        key={name}
        icon={<AlarmClock size={15} aria-hidden="true" />}
        disabled={conversation.status === "closed"}
        onSelect={() => void snooze(id, Date.now() + ms)}
      >
        {t("Snooze for {time}", { time: name })}
      </MenuItem>
    ))
  );
}

function situation(conversation: Conversation, thread: Thread | undefined, me: string): string {
  const { status, agent, issue_type } = conversation;
  const where =
    thread && status !== "closed" ? (customerIsHere(thread) ? t("Here now") : t("Not connected")) : null;
  const whose =
    status === "closed"
      ? t("Closed")
      : status === "waiting"
        ? t("Waiting")
        : agent?.id === me
          ? t("With you")
          : t("With {name}", { name: agent?.name ?? t("nobody") });
  return [whose, where, worded(issue_type)].filter(Boolean).join(" · ");
}
