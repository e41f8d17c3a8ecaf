// The keyboard shortcuts: their names, their keys, and which one a key press means.

import type { Text } from "../i18n";

export interface Shortcut {
  id: string;
  /** `mod` is Ctrl, or ⌘ on a Mac. Two keys one after the other are written `g q`. */
  keys: string;
  what: Text;
  group: "Anywhere" | "Conversations" | "Composer";
  /** Also while a text is being written. */
  inText?: boolean;
}

export const SHORTCUTS = [
  { id: "commands", keys: "mod+k", what: "Open the command bar", group: "Anywhere", inText: true },
  { id: "help", keys: "?", what: "Show the shortcuts", group: "Anywhere" },
  { id: "go-inbox", keys: "g i", what: "Go to the inbox", group: "Anywhere" },
  { id: "go-live", keys: "g l", what: "Go to queue and agents", group: "Anywhere" },
  { id: "go-tickets", keys: "g t", what: "Go to tickets", group: "Anywhere" },
  { id: "go-search", keys: "g s", what: "Search everything", group: "Anywhere" },
  { id: "next", keys: "j", what: "Next conversation", group: "Conversations" },
  { id: "previous", keys: "k", what: "Previous conversation", group: "Conversations" },
  { id: "filter", keys: "f", what: "Filter the list", group: "Conversations" },
  { id: "tab-1", keys: "1", what: "Mine", group: "Conversations" },
  { id: "tab-2", keys: "2", what: "Unassigned", group: "Conversations" },
  { id: "tab-3", keys: "3", what: "All", group: "Conversations" },
  { id: "tab-4", keys: "4", what: "Closed", group: "Conversations" },
  { id: "accept", keys: "a", what: "Accept, or assign to me", group: "Conversations" },
  { id: "transfer", keys: "t", what: "Transfer", group: "Conversations" },
  { id: "close", keys: "e", what: "Close or reopen", group: "Conversations" },
  { id: "details", keys: "i", what: "Show or hide the customer", group: "Conversations" },
  { id: "reply", keys: "r", what: "Write a reply", group: "Conversations" },
  { id: "note", keys: "n", what: "Write a private note", group: "Conversations" },
] as const satisfies readonly Shortcut[];

export type ShortcutId = (typeof SHORTCUTS)[number]["id"];

/** The part of a key press that decides. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** Whether the focus is in something that takes text. */
  inText: boolean;
}

/** Which shortcut a press means after `first`, the key of an unfinished pair; or the new unfinished key. */
export function match(press: Press, first: string | null): { id: ShortcutId } | { first: string } | null {
  if (press.altKey) return null;
  const mod = press.ctrlKey || press.metaKey;
  const name = `${mod ? "mod+" : ""}${press.key.length === 1 ? press.key.toLowerCase() : press.key}`;
  const pressed = first === null ? name : `${first} ${name}`;
  for (const shortcut of SHORTCUTS) {
    if (press.inText && !("inText" in shortcut)) continue;
    if (shortcut.keys === pressed) return { id: shortcut.id };
  }
  if (press.inText) return null;
  if (first === null && SHORTCUTS.some((shortcut) => shortcut.keys.startsWith(`${name} `)))
    return { first: name };
  return first === null ? null : match(press, null);
}

/** The keys as they are shown, for example `["Ctrl", "K"]`. */
export function shown(keys: string, mac: boolean): string[] {
  return keys
    .split(/[ +]/)
    .map((key) => (key === "mod" ? (mac ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key));
}
