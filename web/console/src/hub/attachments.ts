// Files of messages: sent with a message, fetched by links that hold for a while.

import { upload } from "@confab/client";
import { localeTag, t } from "../i18n";
import { toast } from "../ui/toasts";
import { reasonOf } from "./actions";
import type { AttachmentLinks, AttachmentView } from "./awaited";
import { ask } from "./offers";
import { api, sessions } from "./session";

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
  const { session } = sessions.getState();
  if (!session) return false;
  try {
    const stored = await upload({ api, credentials: session.credentials }, conversation, file, {
      note,
      text,
    });
    known.set(stored.attachment.id, Promise.resolve(stored.links));
    return true;
  } catch (error) {
    toast(t("{name} was not sent", { name: file.name }), { text: reasonOf(error), tone: "bad" });
    return false;
  }
}

/** A size as people say it. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return measured(bytes, "byte");
  if (bytes < 1024 * 1024) return measured(Math.round(bytes / 1024), "kilobyte");
  return measured(bytes / 1024 / 1024, "megabyte");
}

function measured(value: number, unit: string): string {
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(localeTag(), style).format(value);
}
