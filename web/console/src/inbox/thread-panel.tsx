// The conversation in the middle: its head, its messages, who types, and the composer.

import { MessagesSquare } from "lucide-react";
import { useEffect, useState } from "react";
import { announce } from "../app/announce";
import { leaveConversation, openConversation, reopen, setTyping } from "../hub/actions";
import { useDesk } from "../hub/desk";
import { drafts } from "../hub/drafts";
import type { Conversation } from "../hub/types";
import { localeTag, t } from "../i18n";
import { type Thread, typists } from "../model/thread";
import { Empty, Failed, LoadingRows } from "../ui/states";
import { ClosedBar, Composer } from "./composer";
import css from "./inbox.module.css";
import { permitted } from "./permitted";
import { ThreadHead } from "./thread-head";
import { ThreadLog } from "./thread-log";

interface PanelProps {
  id: string | null;
  details: boolean;
  onDetails: () => void;
  onTransfer: () => void;
  onEscalate: () => void;
  note: boolean;
  onNote: (note: boolean) => void;
}

export function ThreadPanel({ id, onNote, ...rest }: PanelProps) {
  const conversation = useDesk((state) => (id ? state.conversations[id] : undefined));
  const thread = useDesk((state) => (id ? state.threads[id] : undefined));
  useEffect(() => {
    if (!id) return;
    void openConversation(id);
    onNote(drafts().read(id).note);
    return () => leaveConversation(id);
  }, [id, onNote]);
  if (!id) {
    return (
      <section className={css.thread} aria-label={t("Conversation")}>
        <Empty icon={MessagesSquare} title={t("No conversation is open")}>
          {t("Choose one from the list, or press J for the next and ? for all shortcuts.")}
        </Empty>
      </section>
    );
  }
  if (!conversation || !thread || thread.status === "empty" || thread.status === "loading") {
    return (
      <section className={css.thread} aria-label={t("Conversation")}>
        {conversation ? <ThreadHead conversation={conversation} thread={thread} {...rest} /> : null}
        {thread?.status === "failed" && !conversation ? (
          <Failed
            what={t("This conversation can't be shown")}
            reason={t("It may not exist, or belong to another tenant.")}
            onRetry={() => void openConversation(id)}
          />
        ) : (
          <LoadingRows rows={5} label={t("Loading messages")} />
        )}
      </section>
    );
  }
  return (
    <section className={css.thread} aria-label={t("Conversation")}>
      <ThreadHead conversation={conversation} thread={thread} {...rest} />
      {thread.status === "failed" ? (
        <Failed what={t("The messages could not be loaded")} onRetry={() => void openConversation(id)} />
      ) : (
        <ThreadLog key={id} conversation={conversation} thread={thread} />
      )}
      <Typing thread={thread} />
      <Foot key={`foot-${id}`} conversation={conversation} note={rest.note} onNote={onNote} />
    </section>
  );
}

function Typing({ thread }: { thread: Thread }) {
  const me = useDesk((state) => state.me.id);
  const [, again] = useState(0);
  const now = Date.now();
  const members = typists(thread, me, now);
  const names = new Intl.ListFormat(localeTag()).format(members.map(({ name }) => name));
  useEffect(() => {
    if (!names) return;
    announce(t("{names} is typing", { names }));
    const timer = setInterval(() => again((turn) => turn + 1), 1000);
    return () => clearInterval(timer);
  }, [names]);
  return (
    <div className={css.typingLine}>
      {names ? (
        <>
          <span className={css.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {members.length > 1 ? t("{names} are typing …", { names }) : t("{names} is typing …", { names })}
        </>
      ) : null}
    </div>
  );
}

interface FootProps {
  conversation: Conversation;
  note: boolean;
  onNote: (note: boolean) => void;
}

function Foot({ conversation, note, onNote }: FootProps) {
  const me = useDesk((state) => state.me);
  const may = permitted(conversation, me);
  const { id, status } = conversation;
  if (status === "closed") {
    return (
      <ClosedBar
        text={t("This conversation has ended.")}
        action={may.reopen ? t("Reopen") : undefined}
        onAction={() => void reopen(id)}
      />
    );
  }
  return (
    <Composer
      conversation={conversation}
      note={note}
      onNote={(next) => {
        if (next) setTyping(id, false);
        onNote(next);
        document.getElementById("composer")?.focus();
      }}
    />
  );
}
