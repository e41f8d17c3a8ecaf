// Steps of a conversation's life, as they are said to a customer.
import type { Message } from "@confab/client";
import type { Texts } from "./i18n/index";

/** The words for a step; nothing for those that need none. */
export function stepText({ body }: Pick<Message, "body">, texts: Texts): string | undefined {
  if (body.kind !== "SYSTEM" || body.event === "CONVERSATION_STARTED") return undefined;
  const words = texts.steps[body.event] as string | ((name: string) => string) | undefined;
  if (words === undefined) return body.text;
  return typeof words === "function" ? words(body.agent?.name ?? "") : words;
}
