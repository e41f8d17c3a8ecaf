// Where in a text a suggestion is asked for: `/` at the beginning for canned messages, `@` for people, `:` for emoji.

export type TriggerKind = "canned" | "mention" | "emoji";

export interface Trigger {
  kind: TriggerKind;
  /** What was typed after the sign. */
  query: string;
  /** Where the sign stands. */
  from: number;
  /** Where the caret stands. */
  to: number;
}

const KINDS: Record<string, TriggerKind> = { "/": "canned", "@": "mention", ":": "emoji" };

/** What is asked for at the caret, if anything. */
export function triggerAt(text: string, caret: number): Trigger | null {
  const before = text.slice(0, caret);
  const found = /(^|\s)([/@:])([\p{L}\p{N}_.-]{0,32})$/u.exec(before);
  if (!found) return null;
  const [, lead = "", sign = "", query = ""] = found;
  const kind = KINDS[sign];
  if (!kind) return null;
  const from = found.index + lead.length;
  if (kind === "canned" && before.slice(0, from).trim() !== "") return null;
  if (kind === "emoji" && query.length < 2) return null;
  return { kind, query, from, to: caret };
}

/** The text with what was asked for put in place of the sign and the query, and where the caret then stands. */
export function replaced(text: string, trigger: Trigger, by: string): { text: string; caret: number } {
  const head = text.slice(0, trigger.from) + by;
  return { text: head + text.slice(trigger.to), caret: head.length };
}
