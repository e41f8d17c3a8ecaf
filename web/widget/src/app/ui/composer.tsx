// Where one writes.
import { useEffect, useRef, useState } from "preact/hooks";
import { Emoji } from "./emoji";
import { Icon } from "./icons";
import type { Context } from "./window";

/** Longest message, unless the hub says another. */
export const MAX_CHARS = 8000;
const TALLEST_PX = 120;

export function Composer({ session, snapshot, alerts, texts }: Context) {
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const ready = snapshot.phase === "chat";
  const max = session.client?.welcome?.max_message_chars ?? MAX_CHARS;
  const left = max - [...text].length;

  useEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, TALLEST_PX)}px`;
  }, [text]);

  const write = (value: string) => {
    setText(value);
    session.conversation?.typed(value);
  };
  const send = () => {
    const said = text.trim();
    if (!said || !ready || left < 0) return;
    session.conversation?.send(said);
    setText("");
    field.current?.focus();
  };
  const attach = (files: Iterable<File> | null | undefined): boolean => {
    const { client } = session;
    const all = [...(files ?? [])];
    if (!client || !snapshot.conversationId) return false;
    for (const file of all) session.files.send(client, snapshot.conversationId, file);
    return all.length > 0;
  };
  const insert = (emoji: string) => {
    const area = field.current;
    const at = area?.selectionStart ?? text.length;
    write(text.slice(0, at) + emoji + text.slice(area?.selectionEnd ?? at));
    requestAnimationFrame(() => {
      area?.focus();
      area?.setSelectionRange(at + emoji.length, at + emoji.length);
    });
  };

  return (
    <form
      class="composer"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        attach(event.dataTransfer?.files);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Emoji texts={texts} insert={insert} />
      <button
        type="button"
        class="tool"
        aria-label={texts.attach}
        disabled={!ready}
        onClick={() => picker.current?.click()}
      >
        <Icon name="attach" />
      </button>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          attach(event.currentTarget.files);
          event.currentTarget.value = "";
          field.current?.focus();
        }}
      />
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        value={text}
        data-first
        aria-label={texts.message}
        aria-describedby={left < 0 ? "confab-too-long" : undefined}
        placeholder={texts.messagePlaceholder}
        onInput={(event) => write(event.currentTarget.value)}
        onPaste={(event) => attach(event.clipboardData?.files) && event.preventDefault()}
        onFocus={() => alerts.seen && session.conversation?.markRead()}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            send();
          }
        }}
      />
      <button
        type="submit"
        class="send"
        aria-label={texts.send}
        disabled={!ready || left < 0 || !text.trim()}
      >
        <Icon name="send" />
      </button>
      {left < 0 ? (
        <p class="problem" id="confab-too-long" role="alert">
          {texts.tooLong(max)}
        </p>
      ) : null}
    </form>
  );
}
