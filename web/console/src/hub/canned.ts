// Canned messages for the composer, with their variables filled in for the conversation.

import { useEffect, useState } from "react";
import type { CannedPage, RenderedText } from "./awaited";
import { ask } from "./offers";
import type { Conversation } from "./types";

/** A canned message as the composer suggests it. */
export interface Canned {
  key: string;
  title: string;
  text: string;
  insert: string;
}

const NONE: readonly Canned[] = [];
const MOST = 8;

/** What fits the query, while it is wanted. */
export function useCanned(query: string | null): readonly Canned[] {
  const [found, setFound] = useState(NONE);
  useEffect(() => {
    if (query === null) return setFound(NONE);
    let current = true;
    ask<CannedPage>("GET /api/canned-messages", { query: { q: query || undefined, limit: MOST } }).then(
      ({ items }) => {
        if (!current) return;
        setFound(items.map(({ id, code, text }) => ({ key: id, title: `/${code}`, text, insert: text })));
      },
      () => current && setFound(NONE),
    );
    return () => {
      current = false;
    };
  }, [query]);
  return found;
}

/** The text of a canned message for a conversation; as it was written when the hub doesn't answer. */
export async function rendered(
  canned: { key: string; insert: string },
  conversation: Conversation,
): Promise<string> {
  try {
    const path = { id: canned.key };
    const body = { conversation_id: conversation.id };
    return (await ask<RenderedText>("POST /api/canned-messages/{id}/render", { path, body })).text;
  } catch {
    return canned.insert;
  }
}
