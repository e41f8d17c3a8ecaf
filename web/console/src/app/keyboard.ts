// Listens to the keyboard for the whole page and hands each shortcut to whoever takes it, the latest first.

import { match, type ShortcutId } from "../model/shortcuts";

/** Returns whether it took the shortcut. */
type Taker = (shortcut: ShortcutId) => boolean;

const PAIR_MS = 900;
const takers: Taker[] = [];

/** Asks for shortcuts until the answer is called. */
export function onShortcut(taker: Taker): () => void {
  takers.push(taker);
  return () => {
    const place = takers.indexOf(taker);
    if (place >= 0) takers.splice(place, 1);
  };
}

/** Does what a shortcut does, as if its keys had been pressed. */
export function perform(shortcut: ShortcutId): boolean {
  for (let place = takers.length - 1; place >= 0; place -= 1) {
    if (takers[place]?.(shortcut)) return true;
  }
  return false;
}

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type)
  );
}

/** Begins to listen. A dialog or menu on the screen keeps its keys to itself. */
export function followKeyboard(): () => void {
  let first: { key: string; at: number } | null = null;
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const modal = document.querySelector('[role="dialog"][data-open], [role="menu"][data-open]') !== null;
    const { key, ctrlKey, metaKey, altKey } = event;
    const inText = takesText(event.target) || modal;
    const begun = first && event.timeStamp - first.at < PAIR_MS ? first.key : null;
    const meant = match({ key, ctrlKey, metaKey, altKey, inText }, begun);
    first = meant && "first" in meant ? { key: meant.first, at: event.timeStamp } : null;
    if (meant && "id" in meant && perform(meant.id)) event.preventDefault();
  };
  addEventListener("keydown", listen);
  return () => removeEventListener("keydown", listen);
}

export const isMac = /mac|iphone|ipad/i.test(navigator.platform);
