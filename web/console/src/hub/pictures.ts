// Pictures of the staff: asked for once each, and again when one's own has changed.

import { createStore, useStore } from "zustand";
import { desk } from "./desk";
import { isOffered } from "./offers";
import { api } from "./session";

const ROUTE = "GET /api/people/{tenant}/{id}/picture";

interface State {
  /** People who have none. */
  missing: ReadonlySet<string>;
  /** Changes of pictures on this page; a new number has the browser ask anew. */
  versions: Readonly<Record<string, number>>;
}

const pictures = createStore<State>(() => ({ missing: new Set(), versions: {} }));

export interface Picture {
  url: string;
  /** To be called when there is none. */
  onMissing: () => void;
}

/** Somebody's picture, unless it is known that there is none. */
export function usePicture(id: string | null): Picture | null {
  const isMissing = useStore(pictures, ({ missing }) => id === null || missing.has(id));
  const version = useStore(pictures, ({ versions }) => (id === null ? undefined : versions[id]));
  const { tenant } = desk.getState().me;
  if (id === null || isMissing || !isOffered(ROUTE)) return null;
  const url = `${api.url}/api/people/${tenant}/${encodeURIComponent(id)}/picture${version ? `?v=${version}` : ""}`;
  return { url, onMissing: () => note(id, true) };
}

/** Sets one's own picture; throws when it is refused. */
export async function setPicture(picture: Blob): Promise<void> {
  await api.send("PUT", "/api/me/picture", { body: picture as never });
  note(desk.getState().me.id, false);
}

/** Takes one's own picture away; throws when it is refused. */
export async function removePicture(): Promise<void> {
  await api.send("DELETE", "/api/me/picture");
  note(desk.getState().me.id, true);
}

function note(id: string, isMissing: boolean): void {
  pictures.setState(({ missing, versions }) => {
    const left = new Set(missing);
    if (isMissing) left.add(id);
    else left.delete(id);
    return { missing: left, versions: isMissing ? versions : { ...versions, [id]: Date.now() } };
  });
}
