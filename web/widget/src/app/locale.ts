// The few words that the bubble says, apart from all others, so that pages load only these; and which language it is.

export interface Locale {
  /** Language tag, for dates and screen readers. */
  tag: string;
  language: "en" | "de" | "ar";
  direction: "ltr" | "rtl";
  open: string;
  close: string;
  unread: (count: number) => string;
}

const WORDS = {
  en: {
    open: "Open chat",
    close: "Close chat",
    unread: (count: number) => (count === 1 ? "1 unread message" : `${count} unread messages`),
  },
  de: {
    open: "Chat öffnen",
    close: "Chat schließen",
    unread: (count: number) => (count === 1 ? "1 ungelesene Nachricht" : `${count} ungelesene Nachrichten`),
  },
  ar: {
    open: "افتح المحادثة",
    close: "أغلق المحادثة",
    unread: (count: number) => (count === 1 ? "رسالة واحدة غير مقروءة" : `${count} رسائل غير مقروءة`),
  },
};

/** The first of these languages that is spoken; English otherwise. */
export function choose(wanted: readonly (string | undefined)[]): Locale {
  for (const tag of [...wanted, "en"]) {
    const language = (tag?.toLowerCase().split("-")[0] ?? "") as Locale["language"];
    if (tag && Object.hasOwn(WORDS, language)) {
      // Who reads English in Britain wants British dates on a page that says no more than English.
      const own = navigator.languages.find((other) => other.startsWith(`${tag}-`));
      return { tag: own ?? tag, language, direction: language === "ar" ? "rtl" : "ltr", ...WORDS[language] };
    }
  }
  return choose(["en"]);
}
