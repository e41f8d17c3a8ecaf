// The inbox: list, conversation, customer.

import { useCallback, useEffect, useState } from "react";
import { onShortcut } from "../app/keyboard";
import { go, inboxPath, inboxPlace, useHashLocation } from "../app/routes";
import { accept, assignToMe, closeConversation, reopen } from "../hub/actions";
import { desk, useDesk } from "../hub/desk";
import { t } from "../i18n";
import { neighbour, TABS } from "../model/lists";
import { Unseen } from "../ui/marks";
import { ContextPanel } from "./context-panel";
import { ConversationList, useListed } from "./conversation-list";
import { EscalateDialog } from "./escalate-dialog";
import css from "./inbox.module.css";
import { permitted } from "./permitted";
import { ThreadPanel } from "./thread-panel";
import { TransferDialog } from "./transfer-dialog";

const WIDE = "(min-width: 1200px)";

export function InboxPage() {
  const [path] = useHashLocation();
  const { tab, conversation: id } = inboxPlace(path) ?? { tab: "mine" as const, conversation: null };
  const [filter, setFilter] = useState("");
  const [details, setDetails] = useState(() => matchMedia(WIDE).matches);
  const [transferring, setTransferring] = useState(false);
  const [escalating, setEscalating] = useState(false);
  const [note, setNote] = useState(false);
  const conversation = useDesk((state) => (id ? state.conversations[id] : undefined));
  const list = useListed(tab, filter);

  // On a narrow screen the customer lies over the conversation: a new one begins without.
  const [opened, setOpened] = useState(id);
  if (opened !== id) {
    setOpened(id);
    if (!matchMedia(WIDE).matches) setDetails(false);
  }

  const write = useCallback((asNote: boolean) => {
    setNote(asNote);
    requestAnimationFrame(() => document.getElementById("composer")?.focus());
  }, []);

  useEffect(
    () =>
      onShortcut((shortcut) => {
        const chosen = id ? desk.getState().conversations[id] : undefined;
        const may = chosen ? permitted(chosen, desk.getState().me) : null;
        const step = (by: 1 | -1) => {
          const next = neighbour(list, id, by);
          if (next) go(inboxPath(tab, next));
        };
        if (shortcut.startsWith("tab-")) go(inboxPath(TABS[Number(shortcut.slice(4)) - 1] ?? "mine"));
        else if (shortcut === "next") step(1);
        else if (shortcut === "previous") step(-1);
        else if (shortcut === "filter") document.getElementById("conversation-filter")?.focus();
        else if (shortcut === "details" && chosen) setDetails((shown) => !shown);
        else if (shortcut === "reply" && may?.write) write(false);
        else if (shortcut === "note" && may?.write) write(true);
        else if (shortcut === "transfer" && may?.transfer) setTransferring(true);
        else if (shortcut === "accept" && id && may?.accept) void accept(id);
        else if (shortcut === "accept" && id && may?.assignToMe) void assignToMe(id);
        else if (shortcut === "close" && id && may?.close) void closeConversation(id);
        else if (shortcut === "close" && id && may?.reopen) void reopen(id);
        else return false;
        return true;
      }),
    [id, list, tab, write],
  );

  return (
    <main className={css.inbox} id="main" data-open={id !== null}>
      <Unseen>
        <h1>{t("Inbox")}</h1>
      </Unseen>
      <ConversationList tab={tab} current={id} filter={filter} onFilter={setFilter} />
      <ThreadPanel
        id={id}
        details={details}
        onDetails={() => setDetails((shown) => !shown)}
        onTransfer={() => setTransferring(true)}
        onEscalate={() => setEscalating(true)}
        note={note}
        onNote={setNote}
      />
      {conversation && details ? (
        <ContextPanel conversation={conversation} onClose={() => setDetails(false)} />
      ) : null}
      {conversation && escalating ? (
        <EscalateDialog conversation={conversation} onClose={() => setEscalating(false)} />
      ) : null}
      <TransferDialog
        conversation={conversation}
        open={transferring}
        onClose={() => setTransferring(false)}
      />
    </main>
  );
}
