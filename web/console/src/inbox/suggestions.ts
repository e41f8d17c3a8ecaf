// What is suggested in the composer for a sign and a query.

import { findEmoji } from "../model/emoji";
import type { Trigger } from "../model/trigger";

export interface Suggestion {
  key: string;
  title: string;
  text: string;
  /** What is put into the text. */
  insert: string;
}

export interface Known {
  agents: readonly { id: string; name: string }[];
  canned: readonly { key: string; title: string; text: string; insert: string }[];
}

const MOST = 8;

/** The suggestions for what is asked for, the best first. */
export function suggestions(trigger: Trigger | null, known: Known): Suggestion[] {
  if (!trigger) return [];
  const query = trigger.query.toLowerCase();
  if (trigger.kind === "emoji") {
    return findEmoji(query.replaceAll("_", " "))
      .slice(0, MOST)
      .map(({ sign, words }) => ({ key: sign, title: sign, text: words, insert: sign }));
  }
  if (trigger.kind === "mention") {
    const agents = known.agents.filter(({ id, name }) => begins(id, query) || begins(name, query));
    return agents
      .slice(0, MOST)
      .map(({ id, name }) => ({ key: id, title: `@${id}`, text: name, insert: `@${id} ` }));
  }
  // The hub has looked for them, and knows which fits best.
  return known.canned.slice(0, MOST);
}

function begins(name: string, query: string): boolean {
  return name
    .toLowerCase()
    .split(/\s+/)
    .some((word) => word.startsWith(query));
}
