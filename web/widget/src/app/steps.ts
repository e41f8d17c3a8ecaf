// What happened and what was said, in words.
import type { Message } from "@confab/client";
import type { Texts } from "./i18n/index";

/** The words for a step; nothing for those that need none. */
export function stepText({ body }: Pick<Message, "body">, texts: Texts): string | undefined {
  if (body.kind !== "SYSTEM" || body.event === "CONVERSATION_STARTED") return undefined;
  const known: Partial<Record<string, string | ((name: string) => string)>> = texts.steps;
  const words = known[body.event];
  if (words === undefined) return body.text;
  return typeof words === "function" ? words(body.agent?.name ?? "") : words;
}

/** What somebody said, in one line: the names of files in brackets. */
export function textOf({ body }: Pick<Message, "body">): string {
  const file = "attachment" in body ? `[${body.attachment.name}]` : "";
  const text = "text" in body ? (body.text ?? "") : "";
  return [file, text].filter(Boolean).join(" ");
}
