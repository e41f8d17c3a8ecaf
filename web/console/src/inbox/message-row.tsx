// One row of a conversation: a message, a step, a day, or the mark of what is unread.

import { Check, CheckCheck, CircleAlert, Clock3, Lock } from "lucide-react";
import { memo, type ReactNode } from "react";
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
      return <div className={css.unreadMark}>New</div>;
    case "system":
      return (
        <p className={css.system} title={exactTime(row.at)}>
          {row.text} <span>{clockTime(row.at)}</span>
        </p>
      );
    case "message":
      return <Message row={row} onRetry={onRetry} onDiscard={onDiscard} />;
  }
});

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
          <div className={css.bubble} dir="auto">
            {content(row.text)}
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
  const who = row.mine ? "You" : row.author.name;
  return `${row.note ? "Private note, " : ""}${who}, ${clockTime(row.at)}`;
}

function Name({ row }: { row: MessageRow }) {
  if (!row.note) return <div className={css.name}>{row.author.name}</div>;
  return (
    <div className={css.name}>
      <Lock size={12} aria-hidden="true" />
      Private note · {row.mine ? "you" : row.author.name}
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
  sending: [<Clock3 key="t" size={12} aria-hidden="true" />, "Sending"],
  failed: [<CircleAlert key="t" size={12} aria-hidden="true" />, "Not sent"],
  sent: [<Check key="t" size={14} aria-hidden="true" />, "Sent"],
  delivered: [<CheckCheck key="t" size={14} aria-hidden="true" />, "Delivered"],
  read: [<CheckCheck key="t" size={14} className={css.readTick} aria-hidden="true" />, "Read"],
};

function Foot({ row, onRetry, onDiscard }: Omit<RowProps, "row" | "now"> & { row: MessageRow }) {
  const { pending } = row;
  if (pending && row.tick === "failed") {
    return (
      <div className={css.foot}>
        <span className={css.failure}>{pending.reason ?? "Not sent"}</span>
        <button type="button" onClick={() => onRetry(pending.clientId)}>
          Try again
        </button>
        <button type="button" onClick={() => onDiscard(pending.clientId)}>
          Discard
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
