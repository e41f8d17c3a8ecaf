// Where one is: hash routes, so that the console works at whatever path the hub serves it.

import { useHashLocation } from "wouter/use-hash-location";
import { TABS, type Tab } from "../model/lists";

export { useHashLocation };

/** The inbox with a tab and perhaps a conversation. */
export function inboxPath(tab: Tab, conversation?: string | null): string {
  return conversation ? `/inbox/${tab}/${conversation}` : `/inbox/${tab}`;
}

/** Goes somewhere from outside of a component. */
export function go(path: string): void {
  location.hash = `#${path}`;
}

/** The tab and the conversation that a path names, if it is one of the inbox. */
export function inboxPlace(path: string): { tab: Tab; conversation: string | null } | null {
  const [, place, tab, conversation] = path.split("/");
  if (place !== "inbox" && place) return null;
  const known = TABS.find((name) => name === tab) ?? "mine";
  return { tab: known, conversation: conversation || null };
}
