// The list of conversations: tabs with counts, a live filter, as many rows drawn as are seen.

import { Coffee, Inbox, Search, SearchX, X } from "lucide-react";
import { type ComponentProps, forwardRef, useEffect, useMemo, useRef } from "react";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";
import { useNow } from "../app/clock";
import { inboxPath } from "../app/routes";
import { loadClosed, loadOpen, setAvailability } from "../hub/actions";
import { tabCounts, useDesk } from "../hub/desk";
import type { Conversation } from "../hub/types";
import { t } from "../i18n";
import { listed, TAB_NAMES, TABS, type Tab } from "../model/lists";
import { typists } from "../model/thread";
import { Button, IconButton } from "../ui/button";
import { Badge, worded } from "../ui/marks";
import { Empty, Failed, LoadingRows } from "../ui/states";
import { ConversationRow } from "./conversation-row";
import css from "./inbox.module.css";

interface ListProps {
  tab: Tab;
  current: string | null;
  filter: string;
  onFilter: (filter: string) => void;
}

/** The conversations of a tab that pass the filter, in their order. */
export function useListed(tab: Tab, filter: string): Conversation[] {
  const conversations = useDesk((state) => state.conversations);
  const me = useDesk((state) => state.me.id);
  return useMemo(
    () => listed(Object.values(conversations), tab, me, filter),
    [conversations, tab, me, filter],
  );
}

export function ConversationList({ tab, current, filter, onFilter }: ListProps) {
  const found = useListed(tab, filter);
  const loading = useDesk((state) => (tab === "closed" ? state.closed : state.open));
  const more = useDesk((state) => tab === "closed" && state.closedCursor !== null);
  useEffect(() => {
    if (tab === "closed" && loading === "idle") void loadClosed();
  }, [tab, loading]);
  return (
    <section className={css.listPanel} aria-label={t("Conversations")}>
      <div className={css.listHead}>
        <div className={css.listTitle}>
          <strong aria-hidden="true">{t("Inbox")}</strong>
        </div>
        <Filter filter={filter} onFilter={onFilter} />
        <Tabs tab={tab} />
      </div>
      <div className={css.listBody}>
        {found.length > 0 ? (
          <Rows found={found} tab={tab} current={current} onEnd={() => more && void loadClosed()} />
        ) : loading === "loading" || loading === "idle" ? (
          <LoadingRows label={t("Loading conversations")} />
        ) : loading === "failed" ? (
          <Failed
            what={t("The conversations could not be loaded")}
            onRetry={() => void (tab === "closed" ? loadClosed() : loadOpen())}
          />
        ) : (
          <Nothing tab={tab} filtered={filter !== ""} />
        )}
      </div>
    </section>
  );
}

function Filter({ filter, onFilter }: Pick<ListProps, "filter" | "onFilter">) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={css.search}>
      <Search size={16} aria-hidden="true" />
      <input
        ref={input}
        type="search"
        id="conversation-filter"
        aria-label={t("Filter conversations")}
        placeholder={t("Filter by name, text, topic")}
        value={filter}
        onChange={(event) => onFilter(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (filter) onFilter("");
          else event.currentTarget.blur();
        }}
      />
      {filter ? (
        <IconButton
          small
          label={t("Clear the filter")}
          onClick={() => {
            onFilter("");
            input.current?.focus();
          }}
        >
          <X size={14} aria-hidden="true" />
        </IconButton>
      ) : null}
    </div>
  );
}

function Tabs({ tab }: { tab: Tab }) {
  const mine = useDesk((state) => tabCounts(state).mine);
  const unassigned = useDesk((state) => tabCounts(state).unassigned);
  const all = useDesk((state) => tabCounts(state).all);
  const numbers = { mine, unassigned, all };
  return (
    <nav className={css.tabs} aria-label={t("Which conversations")}>
      {TABS.map((name) => (
        <a
          key={name}
          href={`#${inboxPath(name)}`}
          className={css.tab}
          aria-current={name === tab ? "page" : undefined}
        >
          {TAB_NAMES[name]}
          {name === "closed" ? null : <Badge quiet count={numbers[name]} />}
        </a>
      ))}
    </nav>
  );
}

interface RowsProps {
  found: Conversation[];
  tab: Tab;
  current: string | null;
  onEnd: () => void;
}

function Rows({ found, tab, current, onEnd }: RowsProps) {
  const list = useRef<VirtuosoHandle>(null);
  const unread = useDesk((state) => state.unread);
  const threads = useDesk((state) => state.threads);
  const me = useDesk((state) => state.me.id);
  const now = useNow();
  const place = found.findIndex((conversation) => conversation.id === current);
  const shown = useRef<string | null>(null);
  useEffect(() => {
    // Only a new choice moves the list, not the list moving under it.
    if (shown.current === current || place < 0) return;
    shown.current = current;
    list.current?.scrollIntoView({ index: place });
  }, [current, place]);
  return (
    <Virtuoso
      ref={list}
      data={found}
      fixedItemHeight={66}
      endReached={onEnd}
      components={{ List, Item }}
      computeItemKey={(_, conversation) => conversation.id}
      itemContent={(_, conversation) => {
        const thread = threads[conversation.id];
        return (
          <ConversationRow
            conversation={conversation}
            tab={tab}
            current={conversation.id === current}
            unread={unread[conversation.id] ?? 0}
            typing={thread !== undefined && typists(thread, me, Date.now()).length > 0}
            now={now}
          />
        );
      }}
    />
  );
}

const List = forwardRef<HTMLDivElement, ComponentProps<"div">>(function List(props, ref) {
  // biome-ignore lint/a11y/useSemanticElements: the list library positions a div
  return <div {...props} ref={ref} role="list" />;
});

function Item({ item: _, ...rest }: ComponentProps<"div"> & { item?: Conversation }) {
  // biome-ignore lint/a11y/useSemanticElements: the list library measures a div
  return <div {...rest} role="listitem" />;
}

const NOTHING: Record<Tab, [string, string]> = {
  mine: [t("Nothing on your plate"), t("New conversations come here by themselves while you are online.")],
  unassigned: [t("Nobody is waiting"), t("Whoever waits for an agent stands here, the most urgent first.")],
  all: [t("No open conversations"), t("Waiting and running conversations of the whole desk stand here.")],
  closed: [t("Nothing closed yet"), t("Conversations that have ended stand here.")],
};

function Nothing({ tab, filtered }: { tab: Tab; filtered: boolean }) {
  if (filtered) {
    return (
      <Empty icon={SearchX} title={t("Nothing matches")}>
        {t("The filter looks at names, the last message, topic, team and priority.")}
      </Empty>
    );
  }
  return tab === "mine" ? <NothingMine /> : <NothingIn tab={tab} />;
}

/** Nothing is the person's own; why that stays so, while they take none. */
function NothingMine() {
  const availability = useDesk((state) => state.agents[state.me.id]?.availability);
  if (!availability || availability === "online") return <NothingIn tab="mine" />;
  return (
    <Empty icon={Coffee} title={t("You are {state}", { state: worded(availability) })}>
      <p>{t("Conversations come to you while you are online.")}</p>
      <Button onClick={() => void setAvailability("online")}>{t("Go online")}</Button>
    </Empty>
  );
}

function NothingIn({ tab }: { tab: Tab }) {
  const [title, text] = NOTHING[tab];
  return (
    <Empty icon={Inbox} title={title}>
      {text}
    </Empty>
  );
}
