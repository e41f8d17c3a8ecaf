// What of an event reaches the person: a toast, a sound, a notification of the browser, or nothing.

import { LANGUAGES, type Language } from "../i18n";

export interface Preferences {
  theme: "system" | "light" | "dark";
  /** `auto` takes the browser's. */
  language: "auto" | Language;
  /** Sounds for new conversations and messages. */
  sound: boolean;
  /** Notifications of the browser while the console is not in the foreground. */
  notifications: boolean;
  /** Also tell when somebody joins the queue. */
  waiting: boolean;
  /** Enter sends; otherwise Ctrl or ⌘ with Enter does. */
  enterSends: boolean;
}

export const defaultPreferences: Preferences = {
  theme: "system",
  language: "auto",
  sound: true,
  notifications: false,
  waiting: true,
  enterSends: true,
};

export type Happening = "new_chat" | "message" | "mention" | "escalated" | "waiting";

export interface Attention {
  toast: boolean;
  sound: "ping" | "chime" | null;
  notification: boolean;
}

/** What is due for something that happened, given whether its conversation and the page are in the foreground. */
export function attention(
  what: Happening,
  preferences: Preferences,
  screen: { inForeground: boolean; viewing: boolean },
): Attention {
  const watched = screen.inForeground && screen.viewing;
  if (what === "waiting" && !preferences.waiting) return { toast: false, sound: null, notification: false };
  if (watched) return { toast: false, sound: null, notification: false };
  return {
    toast: screen.inForeground && what !== "waiting",
    sound: preferences.sound ? (what === "message" || what === "mention" ? "ping" : "chime") : null,
    notification: preferences.notifications && !screen.inForeground,
  };
}

/** The title of the document with the number of unread messages in front. */
export function titled(place: string, unread: number): string {
  const title = place ? `${place} · Confab` : "Confab";
  return unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${title}` : title;
}

/** The preferences in a stored text; what is missing or odd has its default. */
export function readPreferences(stored: string | null): Preferences {
  try {
    const kept = JSON.parse(stored ?? "{}") as Partial<Record<keyof Preferences, unknown>> | null;
    const flag = (name: "sound" | "notifications" | "waiting" | "enterSends") =>
      typeof kept?.[name] === "boolean" ? (kept[name] as boolean) : defaultPreferences[name];
    const theme = kept?.theme;
    const spoken = String(kept?.language);
    return {
      theme: theme === "light" || theme === "dark" ? theme : "system",
      language: Object.hasOwn(LANGUAGES, spoken) ? (spoken as Language) : "auto",
      sound: flag("sound"),
      notifications: flag("notifications"),
      waiting: flag("waiting"),
      enterSends: flag("enterSends"),
    };
  } catch {
    return defaultPreferences;
  }
}
