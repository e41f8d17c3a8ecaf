// Files of messages: sent with a message, fetched by links that hold for a while.

import { toast } from "../ui/toasts";
import { reasonOf } from "./actions";
import type { AttachmentLinks, AttachmentView, AttachResponse } from "./awaited";
import { ask } from "./offers";
import { api } from "./session";

/** A link is asked for anew this long before it ends. */
const AHEAD_MS = 60_000;
const known = new Map<string, Promise<AttachmentLinks>>();

/** Where the bytes of a file are now. */
export async function linksOf(id: string): Promise<AttachmentLinks> {
  const asked = known.get(id);
  const links = asked ? await asked.catch(() => null) : null;
  if (links && links.expires_at - AHEAD_MS > Date.now()) return links;
  const fresh = ask<AttachmentView>("GET /api/attachments/{id}", { path: { id } }).then(
    (answer) => answer.links,
  );
  known.set(id, fresh);
  return fresh;
}

/** Sends a file with what is written about it; answers whether it is stored. */
export async function attach(
  conversation: string,
  file: File,
  note: boolean,
  text: string,
): Promise<boolean> {
  const query = new URLSearchParams({ client_id: crypto.randomUUID(), name: file.name || "file" });
  if (note) query.set("note", "true");
  if (text) query.set("text", text);
  const path = `/api/conversations/${encodeURIComponent(conversation)}/attachments?${query}`;
  try {
    const response = await api.send("POST", path, { body: file as never });
    const stored = (await response.json()) as AttachResponse;
    known.set(stored.attachment.id, Promise.resolve(stored.links));
    return true;
  } catch (error) {
    toast(`${file.name} was not sent`, { text: reasonOf(error), tone: "bad" });
    return false;
  }
}

/** A size as people say it. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
