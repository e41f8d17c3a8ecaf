// The messages: grouped by who wrote them, with days and times; at the newest unless one reads back.
import { isAutomatic, isMessage, type Message } from "@confab/client";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { stepText } from "../steps";
import { AttachmentView } from "./attachment";
import { Avatar } from "./avatar";
import { Icon } from "./icons";
import { Text } from "./text";
import type { Context } from "./window";

const TOGETHER_MS = 5 * 60_000;
const NEAR_PX = 48;

export function Log({ session, snapshot, alerts, locale, texts, open }: Context & { open: boolean }) {
  const { chat, starting } = snapshot;
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const [away, setAway] = useState(false);
  const messages = chat?.messages ?? [];
  const shown = messages.filter((message) => isMessage(message) || stepText(message, texts));
  const first = shown[0]?.key;
  const last = shown.at(-1);
  const typing = chat?.typing.map(({ name }) => name) ?? [];

  const toEnd = () => {
    const area = list.current;
    if (area) area.scrollTop = area.scrollHeight;
    atEnd.current = true;
    setAway(false);
  };
  const markRead = () => {
    if (alerts.seen && atEnd.current) session.conversation?.markRead();
  };

  // Older messages come in above: what one reads stays where it is.
  useLayoutEffect(() => {
    const area = list.current;
    if (!area) return;
    if (!atEnd.current && height.current) area.scrollTop += area.scrollHeight - height.current;
    height.current = area.scrollHeight;
  }, [first]);

  useLayoutEffect(() => {
    if (atEnd.current || last?.mine) toEnd();
    else setAway(true);
    height.current = list.current?.scrollHeight ?? 0;
    markRead();
  }, [last?.key, typing.length, open, chat?.unread]);

  // The window grows and shrinks, with a keyboard on the screen or another part below: the newest stays in sight.
  useEffect(() => {
    const area = list.current;
    if (!area) return;
    const observer = new ResizeObserver(() => atEnd.current && toEnd());
    observer.observe(area);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const shownAgain = () => {
      session.conversation?.view(alerts.seen);
      markRead();
    };
    document.addEventListener("visibilitychange", shownAgain);
    return () => document.removeEventListener("visibilitychange", shownAgain);
  }, [session]);

  const scrolled = () => {
    const area = list.current;
    if (!area) return;
    atEnd.current = area.scrollHeight - area.scrollTop - area.clientHeight < NEAR_PX;
    if (atEnd.current) {
      setAway(false);
      markRead();
    }
    if (area.scrollTop < NEAR_PX && chat?.hasOlder) session.conversation?.loadOlder().catch(() => {});
  };

  const time = new Intl.DateTimeFormat(locale.tag, { timeStyle: "short" });
  const day = new Intl.DateTimeFormat(locale.tag, { dateStyle: "medium" });
  return (
    <div class="log-frame">
      <div
        ref={list}
        class="log"
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label={texts.messages}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that the keyboard has to get there.
        tabIndex={0}
        onScroll={scrolled}
      >
        {chat?.hasOlder ? (
          <button
            type="button"
            class="link older"
            disabled={chat.isLoadingOlder}
            onClick={() => session.conversation?.loadOlder().catch(() => {})}
          >
            {texts.older}
          </button>
        ) : null}
        {shown.map((message, index) => {
          const before = shown[index - 1];
          const newDay = !before || day.format(before.at) !== day.format(message.at);
          return (
            <Item
              key={message.key}
              message={message}
              newDay={newDay ? dayName(message.at, day, texts) : undefined}
              leads={newDay || !joins(before, message)}
              ends={!joins(message, shown[index + 1])}
              offersPerson={!snapshot.agent && !shown.slice(index + 1).some(isMessage)}
              time={time.format(message.at)}
              texts={texts}
              locale={locale}
              session={session}
            />
          );
        })}
        {starting && shown.length === 0 ? (
          <div class="message mine" data-leads="true" data-ends="true">
            <Text text={starting.message} />
            <span class="meta">
              <Tick state="sending" texts={texts} />
            </span>
          </div>
        ) : null}
      </div>
      <div class="typing" aria-live="polite">
        {typing.length > 0 ? (
          <>
            <span class="dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {texts.typing(typing.join(", "))}
          </>
        ) : null}
      </div>
      {away && (chat?.unread ?? 0) > 0 ? (
        <button type="button" class="pill" onClick={toEnd}>
          {texts.newMessages}
          <Icon name="down" />
        </button>
      ) : null}
    </div>
  );
}

interface ItemProps extends Pick<Context, "texts" | "session" | "locale"> {
  message: Message;
  newDay: string | undefined;
  leads: boolean;
  ends: boolean;
  /** Whether a person can be asked for beneath it, if it is an automatic reply. */
  offersPerson: boolean;
  time: string;
}

function Item({ message, newDay, leads, ends, offersPerson, time, texts, locale, session }: ItemProps) {
  const { mine, author, body, state } = message;
  const step = stepText(message, texts);
  const automatic = isAutomatic(message);
  return (
    <>
      {newDay ? <p class="day">{newDay}</p> : null}
      {step ? (
        <p class="step">{step}</p>
      ) : (
        <div class={mine ? "message mine" : "message"} data-leads={leads} data-ends={ends} data-state={state}>
          {!mine && leads ? <span class="author">{author.name}</span> : null}
          {automatic && leads ? <span class="automatic">{texts.automatic}</span> : null}
          {mine && leads ? <span class="sr">{texts.you}</span> : null}
          {!mine && ends ? <Avatar name={author.name} picture={session.pictureOf(author.id)} /> : null}
          {"attachment" in body ? (
            <AttachmentView attachment={body.attachment} session={session} locale={locale} />
          ) : null}
          {"text" in body && body.text ? <Text text={body.text} /> : null}
          {state === "failed" ? (
            <span class="meta failed">
              <Tick state="failed" texts={texts} /> {texts.states.failed}
              <button type="button" class="link" onClick={() => session.conversation?.retry(message)}>
                {texts.retry}
              </button>
              <button type="button" class="link" onClick={() => session.conversation?.discard(message)}>
                {texts.discard}
              </button>
            </span>
          ) : ends || state === "sending" ? (
            <span class="meta">
              <time>{time}</time>
              {state ? <Tick state={state} texts={texts} /> : null}
            </span>
          ) : null}
          {automatic && offersPerson ? (
            <button type="button" class="link person" onClick={() => void session.askForPerson()}>
              {texts.askForPerson}
            </button>
          ) : null}
        </div>
      )}
    </>
  );
}

function Tick({ state, texts }: { state: NonNullable<Message["state"]> } & Pick<Context, "texts">) {
  return (
    <span class="tick" data-state={state} title={texts.states[state]}>
      <Icon name={state === "read" ? "delivered" : state} />
      <span class="sr">{texts.states[state]}</span>
    </span>
  );
}

/** Whether a message goes on where another one of the same person ended. */
function joins(one: Message | undefined, next: Message | undefined): boolean {
  if (!one || !next || !isMessage(one) || !isMessage(next)) return false;
  const same = one.author.id === next.author.id && one.author.name === next.author.name;
  return same && next.at - one.at < TOGETHER_MS;
}

function dayName(at: number, day: Intl.DateTimeFormat, texts: Context["texts"]): string {
  const name = day.format(at);
  if (name === day.format(Date.now())) return texts.today;
  return name === day.format(Date.now() - 86_400_000) ? texts.yesterday : name;
}
