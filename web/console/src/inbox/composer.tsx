// Where one writes: a reply, or a note that the customer never sees.

import { Lock, SendHorizontal, Slash } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { usePreferences } from "../app/preferences";
import { sendMessage, setTyping } from "../hub/actions";
import { attach } from "../hub/attachments";
import { rendered, useCanned } from "../hub/canned";
import { useDesk } from "../hub/desk";
import { drafts } from "../hub/drafts";
import { useOffers } from "../hub/offers";
import type { Conversation } from "../hub/types";
import { counted, t } from "../i18n";
import { replaced, type Trigger, triggerAt } from "../model/trigger";
import { Button, buttonClass, IconButton } from "../ui/button";
import { AttachButton } from "./attach-button";
import css from "./composer.module.css";
import { EmojiPicker } from "./emoji-picker";
import { type Suggestion, suggestions } from "./suggestions";

/** Longest text that is sent, unless the hub says otherwise. */
const MOST_CHARS = 8000;

interface ComposerProps {
  conversation: Conversation;
  note: boolean;
  onNote: (note: boolean) => void;
}

export function Composer({ conversation, note, onNote }: ComposerProps) {
  const { id } = conversation;
  const [text, setText] = useState(() => drafts().read(id).text);
  const [trigger, setTrigger] = useState<Trigger | null>(null);
  const [chosen, setChosen] = useState(0);
  const [sending, setSending] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const { enterSends } = usePreferences();
  const found = useSuggestions(trigger);
  const listId = useId();
  const offers = useOffers();

  useEffect(() => drafts().write(id, { text, note }), [id, text, note]);
  useEffect(() => () => setTyping(id, false), [id]);

  const change = (next: string, caret: number) => {
    setText(next);
    setTrigger(triggerAt(next, caret));
    setChosen(0);
    if (!note) setTyping(id, next.trim() !== "");
  };
  const put = (next: string, caret: number) => {
    change(next, caret);
    setTrigger(null);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(caret, caret);
    });
  };
  const insert = (piece: string) => {
    const from = field.current?.selectionStart ?? text.length;
    const to = field.current?.selectionEnd ?? from;
    put(text.slice(0, from) + piece + text.slice(to), from + piece.length);
  };
  const slash = () => {
    put("/", 1);
    setTrigger(triggerAt("/", 1));
  };
  const take = async (suggestion: Suggestion) => {
    if (!trigger) return;
    const canned = trigger.kind === "canned";
    const next = replaced(
      text,
      trigger,
      canned ? await rendered(suggestion, conversation) : suggestion.insert,
    );
    put(next.text, next.caret);
  };
  const send = () => {
    const ready = text.trim();
    if (ready === "" || ready.length > MOST_CHARS) return;
    sendMessage(id, { text: ready, note });
    setText("");
    setTrigger(null);
    setTyping(id, false);
    field.current?.focus();
  };
  const sendFiles = async (files: File[]) => {
    setSending((before) => before + files.length);
    for (const file of files) {
      await attach(id, file, note, "");
      setSending((before) => before - 1);
    }
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (found.length > 0 && chooses(event.key)) {
      event.preventDefault();
      const picked = found[chosen];
      if (event.key === "ArrowDown") setChosen((chosen + 1) % found.length);
      else if (event.key === "ArrowUp") setChosen((chosen + found.length - 1) % found.length);
      else if (event.key === "Escape") setTrigger(null);
      else if (picked) void take(picked);
      return;
    }
    if (event.key === "Escape") field.current?.blur();
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    if (!enterSends && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    send();
  };
  const tooLong = text.length > MOST_CHARS;
  return (
    <form
      className={`${css.composer} ${note ? css.noting : ""}`}
      aria-label={note ? t("Private note") : t("Reply")}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {found.length > 0 ? (
        <div id={listId} role="listbox" aria-label={t("Suggestions")} className={css.suggestions}>
          {found.map((suggestion, index) => (
            <div
              key={suggestion.key}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === chosen}
              tabIndex={-1}
              className={css.suggestion}
              onPointerDown={(event) => {
                event.preventDefault();
                void take(suggestion);
              }}
            >
              <b>{suggestion.title}</b>
              <span>{suggestion.text}</span>
            </div>
          ))}
        </div>
      ) : null}
      <div className={css.modes}>
        <button type="button" className={css.mode} aria-pressed={!note} onClick={() => onNote(false)}>
          {t("Reply")}
        </button>
        <button type="button" className={css.mode} aria-pressed={note} onClick={() => onNote(true)}>
          {t("Private note")}
        </button>
      </div>
      <textarea
        ref={field}
        id="composer"
        className={css.text}
        rows={1}
        dir="auto"
        value={text}
        aria-label={note ? t("Private note") : t("Reply to {name}", { name: conversation.customer.name })}
        aria-autocomplete="list"
        aria-controls={found.length > 0 ? listId : undefined}
        aria-activedescendant={found.length > 0 ? `${listId}-${chosen}` : undefined}
        placeholder={
          note
            ? t("Only colleagues see this. @ names one.")
            : offers.has("GET /api/canned-messages")
              ? t("Write a reply, / for canned messages")
              : t("Write a reply")
        }
        onChange={(event) => change(event.target.value, event.target.selectionStart)}
        onSelect={(event) => setTrigger(triggerAt(text, event.currentTarget.selectionStart))}
        onKeyDown={keyDown}
        onBlur={() => setTrigger(null)}
        onPaste={(event) => {
          const files = [...event.clipboardData.files];
          if (files.length === 0 || !offers.has("GET /api/attachments/{id}")) return;
          event.preventDefault();
          void sendFiles(files);
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          const files = [...event.dataTransfer.files];
          if (files.length === 0 || !offers.has("GET /api/attachments/{id}")) return;
          event.preventDefault();
          void sendFiles(files);
        }}
      />
      <div className={css.tools}>
        <EmojiPicker onPick={insert} />
        {offers.has("GET /api/attachments/{id}") ? (
          <AttachButton busy={sending > 0} onFiles={(files) => void sendFiles(files)} />
        ) : null}
        <IconButton
          small
          label={t("Canned messages")}
          keys="/"
          hidden={text !== "" || !offers.has("GET /api/canned-messages")}
          onClick={() => slash()}
        >
          <Slash size={15} aria-hidden="true" />
        </IconButton>
        <span className={css.hint} role={tooLong ? "alert" : undefined}>
          {tooLong
            ? counted("tooMany", text.length - MOST_CHARS)
            : enterSends
              ? t("Enter sends, Shift+Enter is a new line")
              : t("Ctrl+Enter sends")}
        </span>
        <Button type="submit" look="primary" small disabled={text.trim() === "" || tooLong}>
          {note ? <Lock size={14} aria-hidden="true" /> : <SendHorizontal size={14} aria-hidden="true" />}
          {note ? t("Add note") : t("Send")}
        </Button>
      </div>
    </form>
  );
}

function chooses(key: string): boolean {
  return ["ArrowDown", "ArrowUp", "Enter", "Tab", "Escape"].includes(key);
}

function useSuggestions(trigger: Trigger | null): Suggestion[] {
  const agents = useDesk((state) => state.agents);
  const canned = useCanned(trigger?.kind === "canned" ? trigger.query : null);
  return useMemo(
    () => suggestions(trigger, { agents: Object.values(agents), canned }),
    [trigger, agents, canned],
  );
}

/** What stands in place of the composer when nothing can be written. */
export function ClosedBar({
  text,
  action,
  onAction,
}: {
  text: string;
  action?: string;
  onAction: () => void;
}) {
  return (
    <div className={css.closedBar}>
      <span>{text}</span>
      {action ? (
        <button type="button" className={buttonClass("plain", true)} onClick={onAction}>
          {action}
        </button>
      ) : null}
    </div>
  );
}
