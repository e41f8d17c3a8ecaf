// The drafts of whoever is logged in.

import { Drafts } from "../model/drafts";
import { desk } from "./desk";

const memory = new Map<string, string>();
const fallback = {
  getItem: (key: string) => memory.get(key) ?? null,
  setItem: (key: string, value: string) => void memory.set(key, value),
  removeItem: (key: string) => void memory.delete(key),
};

function storage(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  try {
    return localStorage;
  } catch {
    return fallback;
  }
}

/** Where drafts are kept; in memory when the browser keeps nothing. */
export function drafts(): Drafts {
  const { tenant, id } = desk.getState().me;
  return new Drafts(storage(), tenant, id);
}
