// The messages of a conversation: as many rows drawn as are seen; stays at the newest unless one reads back.

import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";
import { useNow } from "../app/clock";
import { discardMessage, loadOlder, retryMessage, seen } from "../hub/actions";
import { useDesk } from "../hub/desk";
import type { Conversation } from "../hub/types";
import { t } from "../i18n";
import { type Row, rows as rowsOf } from "../model/rows";
import { lastSeq, type Thread } from "../model/thread";
import { Button } from "../ui/button";
import { Spinner } from "../ui/states";
import css from "./inbox.module.css";
import { ThreadRow } from "./message-row";

/** Index of the row that came first when the thread was opened; older ones count down from it. */
const BASE = 1_000_000;

interface LogProps {
  conversation: Conversation;
  thread: Thread;
}

export function ThreadLog({ conversation, thread }: LogProps) {
  const { id } = conversation;
  const me = useDesk((state) => state.me.id);
  const now = useNow();
  const list = useRef<VirtuosoHandle>(null);
  const customer = conversation.customer.id;
  const { items, pending, receipts, unreadAfter } = thread;
  const rows = useMemo(
    () => rowsOf({ items, pending, receipts, unreadAfter }, { me, customer }),
    [items, pending, receipts, unreadAfter, me, customer],
  );
  const first = useFirstIndex(rows);
  const [atEnd, setAtEnd] = useState(true);
  const missed = useMissed(rows, atEnd);
  useSeen(id, thread, atEnd);
  const retry = useCallback((clientId: string) => retryMessage(id, clientId), [id]);
  const discard = useCallback((clientId: string) => discardMessage(id, clientId), [id]);
  const newest = () => list.current?.scrollToIndex({ index: "LAST", align: "end", behavior: "auto" });
  return (
    <div className={css.log}>
      <Virtuoso
        ref={list}
        className={css.logScroll}
        role="log"
        aria-label={t("Conversation with {name}", { name: conversation.customer.name })}
        aria-live="off"
        tabIndex={0}
        data={rows}
        firstItemIndex={first}
        initialTopMostItemIndex={Math.max(0, rows.length - 1)}
        alignToBottom
        atBottomThreshold={48}
        atBottomStateChange={setAtEnd}
        followOutput={(atBottom) => (atBottom || isOwnNew(rows) ? "auto" : false)}
        startReached={() => void loadOlder(id)}
        increaseViewportBy={{ top: 600, bottom: 200 }}
        computeItemKey={(_, row) => row.key}
        context={thread}
        components={COMPONENTS}
        itemContent={(_, row) => (
          <div className={css.rowPad}>
            <ThreadRow row={row} now={now} onRetry={retry} onDiscard={discard} />
          </div>
        )}
      />
      {atEnd ? null : (
        <Button look={missed > 0 ? "primary" : "plain"} className={css.newer} onClick={newest}>
          <ArrowDown size={15} aria-hidden="true" />
          {missed > 0 ? t("{n} new", { n: missed }) : t("Newest")}
        </Button>
      )}
    </div>
  );
}

function Footer() {
  return <div style={{ height: 8 }} />;
}

const COMPONENTS = { Header: Older, Footer };

function Older({ context: thread }: { context?: Thread }) {
  if (!thread) return null;
  return (
    <div className={css.older}>
      {thread.loadingOlder ? (
        <Spinner label={t("Loading older messages")} />
      ) : thread.before === null ? (
        t("Beginning of the conversation")
      ) : null}
    </div>
  );
}

function isOwnNew(rows: Row[]): boolean {
  const last = rows.at(-1);
  return last?.kind === "message" && last.mine && last.pending !== null;
}

/** The index of the first row, so that what is put before it doesn't move what is on the screen. */
function useFirstIndex(rows: Row[]): number {
  const anchor = useRef<string | null>(null);
  return useMemo(() => {
    const fixed = rows.findIndex((row) => row.key === anchor.current);
    if (fixed >= 0) return BASE - fixed;
    const begins = rows.find((row) => row.kind === "message" || row.kind === "system");
    anchor.current = begins?.key ?? null;
    return BASE - Math.max(0, begins ? rows.indexOf(begins) : 0);
  }, [rows]);
}

/** How many messages of others came since one left the end. */
function useMissed(rows: Row[], atEnd: boolean): number {
  const left = useRef(0);
  const newest = useMemo(() => {
    for (let place = rows.length - 1; place >= 0; place -= 1) {
      const row = rows[place];
      if (row?.kind === "message" && row.seq > 0) return row.seq;
    }
    return 0;
  }, [rows]);
  if (atEnd || left.current === 0) left.current = newest;
  if (atEnd) return 0;
  let count = 0;
  for (let place = rows.length - 1; place >= 0; place -= 1) {
    const row = rows[place];
    if (row?.kind !== "message") continue;
    if (row.seq > 0 && row.seq <= left.current) break;
    if (!row.mine) count += 1;
  }
  return count;
}

/** Tells the hub what has been seen: the end of the thread, while it and the page are in the foreground. */
function useSeen(id: string, thread: Thread, atEnd: boolean): void {
  const last = lastSeq(thread);
  const [focused, setFocused] = useState(() => document.hasFocus());
  useEffect(() => {
    const look = () => setFocused(document.visibilityState === "visible" && document.hasFocus());
    addEventListener("focus", look);
    addEventListener("blur", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      removeEventListener("blur", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  useEffect(() => {
    if (atEnd && focused && last > 0) seen(id, last);
  }, [id, last, atEnd, focused]);
}
