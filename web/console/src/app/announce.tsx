// Tells screen readers what happens without moving the focus.

import { createStore, useStore } from "zustand";
import { Unseen } from "../ui/marks";

const store = createStore<{ text: string; turn: number }>(() => ({ text: "", turn: 0 }));

/** Says something politely: after what is being read. */
export function announce(text: string): void {
  store.setState(({ turn }) => ({ text, turn: turn + 1 }));
}

/** Two regions in turn, so that the same words said twice are heard twice. */
export function Announcer() {
  const { text, turn } = useStore(store);
  return (
    <Unseen>
      <span aria-live="polite" aria-atomic="true" data-testid="announcer">
        {turn % 2 ? text : ""}
      </span>
      <span aria-live="polite" aria-atomic="true">
        {turn % 2 ? "" : text}
      </span>
    </Unseen>
  );
}
