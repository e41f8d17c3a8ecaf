// The window: what stands in it, where the focus is, and how it closes.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Options } from "../../options";
import type { Alerts } from "../alerts";
import type { Texts } from "../i18n/index";
import type { Locale } from "../locale";
import type { Session, SessionSnapshot } from "../session";
import { Banner } from "./banner";
import { Composer } from "./composer";
import { Ended } from "./ended";
import { Header } from "./header";
import { Log } from "./log";
import { PreChat } from "./prechat";
import { Queue } from "./queue";
import { Uploads } from "./uploads";

/** What every part of the window may need. */
export interface Context {
  session: Session;
  snapshot: SessionSnapshot;
  alerts: Alerts;
  options: Options;
  locale: Locale;
  texts: Texts;
}

interface Props extends Omit<Context, "snapshot"> {
  open: boolean;
  phone: string;
  close(): void;
}

const FOCUSABLE = "button:not([disabled]), textarea, input, select, [tabindex='0']";

export function Window({ open, phone, close, ...rest }: Props) {
  const { session, texts } = rest;
  const snapshot = useSnapshot(session);
  const context: Context = { ...rest, snapshot };
  const frame = useRef<HTMLDivElement>(null);
  const full = useMedia(phone);

  useEffect(() => {
    if (!open) return;
    const first = frame.current?.querySelector<HTMLElement>("[data-first]");
    (first ?? frame.current)?.focus();
  }, [open, snapshot.phase, snapshot.chat?.ended]);

  const keys = (event: KeyboardEvent) => {
    // Hosts with shortcuts of their own shall not act on what is typed here.
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key === "Tab" && full) trap(event, frame.current);
  };

  const begun = snapshot.phase !== "form";
  const over = snapshot.expired || (snapshot.chat?.ended ?? false);
  return (
    <div
      ref={frame}
      class="window"
      role="dialog"
      aria-label={rest.options.title || texts.title}
      aria-modal={full}
      hidden={!open}
      tabIndex={-1}
      onKeyDown={keys}
    >
      <Header {...context} close={close} />
      <Banner {...context} />
      {begun ? (
        <>
          <Log {...context} open={open} />
          <Queue {...context} />
          <Uploads {...context} />
          {over ? <Ended {...context} /> : <Composer {...context} />}
        </>
      ) : (
        <PreChat {...context} />
      )}
    </div>
  );
}

/** Keeps the focus inside a window that covers the page. */
function trap(event: KeyboardEvent, frame: HTMLElement | null): void {
  const all = [...(frame?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].filter((one) => one.offsetParent);
  const active = (frame?.getRootNode() as ShadowRoot | undefined)?.activeElement;
  const [first, last] = [all[0], all.at(-1)];
  const leaving = event.shiftKey ? active === first || active === frame : active === last;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

function useSnapshot(session: Session): SessionSnapshot {
  const [snapshot, set] = useState(session.snapshot);
  useEffect(() => {
    set(session.snapshot());
    return session.subscribe(() => set(session.snapshot()));
  }, [session]);
  return snapshot;
}

function useMedia(query: string): boolean {
  const [matches, set] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const listen = () => set(media.matches);
    media.addEventListener("change", listen);
    return () => media.removeEventListener("change", listen);
  }, [query]);
  return matches;
}
