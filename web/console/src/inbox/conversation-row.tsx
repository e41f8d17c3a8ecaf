// One conversation in the list.

import { memo } from "react";
import { inboxPath } from "../app/routes";
import type { Conversation } from "../hub/types";
import { t } from "../i18n";
import { lastActivity, type Tab } from "../model/lists";
import { duration, exactTime, shortAgo } from "../model/time";
import { Avatar, Badge, Pill, PriorityPill, Unseen, worded } from "../ui/marks";
import css from "./inbox.module.css";

interface RowProps {
  conversation: Conversation;
  tab: Tab;
  current: boolean;
  unread: number;
  typing: boolean;
  now: number;
}

export const ConversationRow = memo(function ConversationRow(props: RowProps) {
  const { conversation, tab, current, unread, typing, now } = props;
  const { customer, agent, status, priority, activity } = conversation;
  const waits = status === "waiting";
  const at = waits ? (conversation.queued_at ?? conversation.started_at) : lastActivity(conversation);
  return (
    <a
      href={`#${inboxPath(tab, conversation.id)}`}
      className={`${css.row} ${unread > 0 ? css.unread : ""}`}
      aria-current={current ? "true" : undefined}
      data-conversation={conversation.id}
    >
      <Avatar id={customer.id} name={customer.name} size={36} />
      <div style={{ minWidth: 0 }}>
        <div className={css.rowTop}>
          <span className={css.rowName} dir="auto">
            {customer.name}
          </span>
          <span className={`${css.rowTime} ${waits ? css.waits : ""}`} title={exactTime(at)}>
            {waits ? (
              <>
                <Unseen>{t("waiting")} </Unseen>
                {duration(now - at)}
              </>
            ) : (
              shortAgo(at, now)
            )}
          </span>
        </div>
        <div className={css.rowBottom}>
          {typing ? (
            <span className={`${css.preview} ${css.typing}`}>{t("typing …")}</span>
          ) : (
            <span className={css.preview} dir="auto">
              {activity?.last_message || worded(conversation.issue_type)}
            </span>
          )}
          {tab === "all" && agent ? (
            <Pill title={t("With {name}", { name: agent.name })}>{agent.name}</Pill>
          ) : null}
          {tab === "all" && waits ? <Pill tone="warn">{t("Waiting")}</Pill> : null}
          {status === "closed" ? null : <PriorityPill priority={priority} />}
          <Badge count={unread} label={t("unread")} />
        </div>
      </div>
    </a>
  );
});
