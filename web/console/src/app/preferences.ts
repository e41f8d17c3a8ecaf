// The person's preferences on this device, and what follows from them at once: the colours of the page.

import { createStore, useStore } from "zustand";
import { type Preferences, readPreferences } from "../model/attention";

const KEY = "confab.preferences";

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const preferences = createStore<Preferences>(() => readPreferences(stored()));

export function usePreferences(): Preferences {
  return useStore(preferences);
}

export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  preferences.setState({ [name]: value } as Pick<Preferences, K>);
}

function paint({ theme }: Preferences): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Keeps the page and the storage in step with the preferences. */
export function followPreferences(): void {
  paint(preferences.getState());
  preferences.subscribe((state) => {
    paint(state);
    try {
      localStorage.setItem(KEY, JSON.stringify(state));
    } catch {
      // They hold until the page is left.
    }
  });
  addEventListener("storage", (event) => {
    if (event.key === KEY) preferences.setState(readPreferences(event.newValue));
  });
}
