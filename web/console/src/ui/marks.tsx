// Small marks: pictures made of initials, dots, badges, pills, keys.

import type { ReactNode } from "react";
import { usePicture } from "../hub/pictures";
import type { Availability, Priority } from "../hub/types";
import { known } from "../i18n";
import css from "./ui.module.css";

/** Up to two initials of a name. */
export function initials(name: string): string {
  // What stands in brackets is no name.
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const picked = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return (
    picked
      .map((word) => (word ? (Array.from(word)[0] ?? "") : ""))
      .join("")
      .toUpperCase() || "?"
  );
}

/** One of six colours for a person, always the same. */
export function hue(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % 6;
}

interface AvatarProps {
  id: string;
  name: string;
  size?: number;
  presence?: Availability;
  /** Whether it is somebody of the staff, who may have a picture. */
  staff?: boolean;
}

export function Avatar({ id, name, size = 32, presence, staff = false }: AvatarProps) {
  const picture = usePicture(staff ? id : null);
  return (
    <span
      className={`${css.avatar} ${css[`hue${hue(id)}`]}`}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.38) }}
      aria-hidden="true"
    >
      {initials(name)}
      {picture ? <img src={picture.url} alt="" onError={picture.onMissing} /> : null}
      {presence ? <span className={`${css.dot} ${css[presence]} ${css.presence}`} /> : null}
    </span>
  );
}

export function Dot({ state }: { state: Availability }) {
  return <span className={`${css.dot} ${css[state]}`} aria-hidden="true" />;
}

export function Badge({ count, quiet = false, label }: { count: number; quiet?: boolean; label?: string }) {
  if (count <= 0 && !quiet) return null;
  return (
    <span className={`${css.badge} ${quiet ? css.count : ""}`}>
      {count > 99 ? "99+" : count}
      {label ? <span className={css.hiddenText}> {label}</span> : null}
    </span>
  );
}

export type Tone = "accent" | "warn" | "danger" | "ok" | "info";

export function Pill({ tone, children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return (
    <span className={`${css.pill} ${tone ? css[tone] : ""}`} title={title}>
      {children}
    </span>
  );
}

const PRIORITY_TONE: Record<Priority, Tone | undefined> = {
  URGENT: "danger",
  HIGH: "warn",
  MEDIUM: undefined,
  LOW: undefined,
};

/** An enum's name in words: `IN_PROGRESS` is `In progress`, in the chosen language when it is known there. */
export function worded(name: string): string {
  const words = name.replace(/[_-]+/g, " ").trim();
  const lower = /^[A-Z0-9 ]+$/.test(words) ? words.toLowerCase() : words;
  return known(lower.charAt(0).toUpperCase() + lower.slice(1));
}

/** The priority, unless it is the usual one. */
export function PriorityPill({ priority, always = false }: { priority: Priority; always?: boolean }) {
  if (priority === "MEDIUM" && !always) return null;
  return <Pill tone={PRIORITY_TONE[priority]}>{worded(priority)}</Pill>;
}

export function Keys({ keys }: { keys: string[] }) {
  return (
    <span>
      {keys.map((key, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: keys never move
        <span key={index}>
          {index > 0 ? " " : ""}
          <kbd className={css.kbd}>{key}</kbd>
        </span>
      ))}
    </span>
  );
}

/** Text for screen readers only. */
export function Unseen({ children }: { children: ReactNode }) {
  return <span className={css.hiddenText}>{children}</span>;
}
