// One row of a conversation: a message, a step, a day, or the mark of what is unread.

import { Check, CheckCheck, CircleAlert, Clock3, Lock } from "lucide-react";
import { memo, type ReactNode } from "react";
import { language, type Text, t } from "../i18n";
import { linked } from "../model/links";
import type { MessageRow, Row } from "../model/rows";
import type { Tick } from "../model/ticks";
import { clockTime, dayLabel, exactTime } from "../model/time";
import { Avatar } from "../ui/marks";
import { AttachmentView } from "./attachment";
import css from "./inbox.module.css";

interface RowProps {
  row: Row;
  now: number;
  onRetry: (clientId: string) => void;
  onDiscard: (clientId: string) => void;
}

export const ThreadRow = memo(function ThreadRow({ row, now, onRetry, onDiscard }: RowProps) {
  switch (row.kind) {
    case "day":
      return <div className={css.day}>{dayLabel(row.at, now)}</div>;
    case "unread":
      return <div className={css.unreadMark}>{t("New")}</div>;
    case "system":
      return (
        <p className={css.system} title={exactTime(row.at)}>
          {step(row)} <span>{clockTime(row.at)}</span>
        </p>
      );
    case "message":
      return <Message row={row} onRetry={onRetry} onDiscard={onDiscard} />;
  }
});

/** Steps in other languages than the hub's own; what is not known is said as the hub says it. */
const STEPS: Partial<Record<string, Text>> = {
  CONVERSATION_STARTED: "Conversation begun",
  CONVERSATION_QUEUED: "Waits for an agent",
  CONVERSATION_ACCEPTED: "{name} takes over",
  CONVERSATION_TRANSFERRED: "Handed on",
  CONVERSATION_ESCALATED: "Escalated",
  CONVERSATION_CLOSED: "Conversation closed",
  CONVERSATION_REOPENED: "Conversation reopened",
  AGENT_LOST: "The agent is gone",
  IDLE_WARNING: "Nobody has said anything for a while",
};

function step(row: Extract<Row, { kind: "system" }>): string {
  const text = language() === "en" ? undefined : STEPS[row.event];
  return text ? t(text, { name: row.agent ?? t("Agent") }) : row.text;
}

function Message({ row, onRetry, onDiscard }: Omit<RowProps, "row" | "now"> & { row: MessageRow }) {
  const staff = row.author.role !== "customer";
  const classes = [
    css.message,
    staff && css.staff,
    row.first && css.first,
    row.last && css.last,
    row.note && css.note,
    row.tick === "failed" && css.failed,
  ];
  return (
    <article className={classes.filter(Boolean).join(" ")} aria-label={spoken(row)}>
      {staff ? null : row.first ? (
        <Avatar id={row.author.id ?? ""} name={row.author.name} size={28} />
      ) : (
        <span aria-hidden="true" />
      )}
      <div style={{ minWidth: 0 }}>
        {row.first && (!row.mine || row.note) ? <Name row={row} /> : null}
        {row.attachment ? <AttachmentView attachment={row.attachment} /> : null}
        {row.text ? (
          <div className={css.bubble}>
            {/* Its own direction is the text's, not the bubble's: that stands on the side of its author. */}
            <span className={css.text} dir="auto">
              {content(row.text)}
            </span>
          </div>
        ) : null}
        {row.last || row.tick === "failed" ? (
          <Foot row={row} onRetry={onRetry} onDiscard={onDiscard} />
        ) : null}
      </div>
    </article>
  );
}

function spoken(row: MessageRow): string {
  const who = row.mine ? t("You") : row.author.name;
  const said = row.note ? t("Private note, {name}", { name: who }) : who;
  return `${said}, ${clockTime(row.at)}`;
}

function Name({ row }: { row: MessageRow }) {
  if (!row.note) {
    const automatic = row.author.id == null;
    return (
      <div className={css.name}>{automatic ? `${row.author.name} · automatic reply` : row.author.name}</div>
    );
  }
  return (
    <div className={css.name}>
      <Lock size={12} aria-hidden="true" />
      {t("Private note")} · {row.mine ? t("You") : row.author.name}
    </div>
  );
}

function content(text: string): ReactNode[] {
  let from = 0;
  return linked(text).map((part) => {
    const key = from;
    from += part.text.length;
    if (part.kind === "link") {
      return (
        <a key={key} href={part.href} target="_blank" rel="noopener noreferrer">
          {part.text}
        </a>
      );
    }
    if (part.kind === "mention") {
      return (
        <span key={key} className={css.mention}>
          {part.text}
        </span>
      );
    }
    return part.text;
  });
}

const TICKS: Record<Tick, [ReactNode, string]> = {
  sending: [<Clock3 key="t" size={12} aria-hidden="true" />, t("Sending")],
  failed: [<CircleAlert key="t" size={12} aria-hidden="true" />, t("Not sent")],
  sent: [<Check key="t" size={14} aria-hidden="true" />, t("Sent")],
  delivered: [<CheckCheck key="t" size={14} aria-hidden="true" />, t("Delivered")],
  read: [<CheckCheck key="t" size={14} className={css.readTick} aria-hidden="true" />, t("Read")],
};

function Foot({ row, onRetry, onDiscard }: Omit<RowProps, "row" | "now"> & { row: MessageRow }) {
  const { pending } = row;
  if (pending && row.tick === "failed") {
    return (
      <div className={css.foot}>
        <span className={css.failure}>{pending.reason ?? t("Not sent")}</span>
        <button type="button" onClick={() => onRetry(pending.clientId)}>
          {t("Try again")}
        </button>
        <button type="button" onClick={() => onDiscard(pending.clientId)}>
          {t("Discard")}
        </button>
      </div>
    );
  }
  const state = row.tick && !row.note ? TICKS[row.tick] : null;
  return (
    <div className={css.foot} title={exactTime(row.at)}>
      {clockTime(row.at)}
      {state ? (
        <span
          role="img"
          aria-label={state[1]}
          title={state[1]}
          style={{ display: "inline-flex" }}
          data-tick={row.tick}
        >
          {state[0]}
        </span>
      ) : null}
    </div>
  );
}
