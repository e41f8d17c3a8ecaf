// Brings what happens to the person's attention: toast, sound, notification, and the screen reader.

import { announce } from "../app/announce";
import { preferences } from "../app/preferences";
import { go, inboxPath } from "../app/routes";
import { play } from "../app/sound";
import { t } from "../i18n";
import type { attention as decide, Happening } from "../model/attention";
import { toast } from "../ui/toasts";
import { desk } from "./desk";

interface News {
  conversation: string;
  title: string;
  text: string;
}

const WORDS: Record<Happening, (news: News) => string> = {
  message: ({ title, text }) => `${title}: ${text}`,
  mention: ({ title, text }) => t("{name} named you: {text}", { name: title, text }),
  escalated: ({ title, text }) => t("{name} asks for help with {text}", { name: title, text }),
  new_chat: ({ title }) => t("New conversation with {name}", { name: title }),
  waiting: ({ title }) => t("{name} is waiting", { name: title }),
};

/** Does what is due for something that happened. */
export function attend(what: Happening, decided: typeof decide, news: News): void {
  const inForeground = document.visibilityState === "visible" && document.hasFocus();
  const viewing = desk.getState().viewing === news.conversation;
  const due = decided(what, preferences.getState(), { inForeground, viewing });
  announce(WORDS[what](news));
  const open = () =>
    go(
      inboxPath(what === "waiting" ? "unassigned" : what === "escalated" ? "all" : "mine", news.conversation),
    );
  const title = what === "message" ? news.title : WORDS[what]({ ...news, text: "" }).replace(/: $/, "");
  if (due.toast) toast(title, { text: news.text, action: { label: t("Open"), run: open } });
  if (due.sound) play(due.sound);
  if (due.notification) notify(title, news, open);
}

function notify(title: string, { conversation, text }: News, open: () => void): void {
  try {
    const shown = new Notification(title, { body: text, tag: conversation });
    shown.onclick = () => {
      window.focus();
      open();
      shown.close();
    };
  } catch {
    // Not permitted any more.
  }
}
