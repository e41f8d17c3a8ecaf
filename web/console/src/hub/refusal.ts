// A refusal of the hub, with the field that it is about: what is wrong with a field begins with the field's name.

import { HubError } from "@confab/client";
import { reasonOf } from "./actions";

export interface Refusal {
  /** Why, in a sentence. */
  reason: string;
  /** The field that it is about, as the hub names it; only a form knows whether there is such a field. */
  field: string | null;
  /** The same sentence without the field's name, to stand at the field. */
  atField: string;
  /** Somebody else has changed it since it was loaded. */
  isStale: boolean;
}

/** Other beginnings of the hub's sentences, and the field that each is about. */
export type Beginnings = Readonly<Record<string, string>>;

const FIELD = /^([a-z]\w*(?:\.[a-z]\w*)*) (.+)$/s;

/** What was refused and where, for a form that may know the field. */
export function refusalOf(error: unknown, beginnings: Beginnings = {}): Refusal {
  const reason = reasonOf(error);
  const code = error instanceof HubError ? error.code : undefined;
  const isStale = code === "precondition_failed" || code === "conflict";
  if (!(error instanceof HubError) || (code !== "invalid" && code !== "too_large")) {
    return { reason, field: null, atField: reason, isStale };
  }
  const said = error.message.trim();
  const known = Object.keys(beginnings).find((beginning) => said.startsWith(beginning));
  if (known) return { reason, field: beginnings[known] ?? null, atField: reason, isStale };
  const [, field = null, rest] = FIELD.exec(said) ?? [];
  return { reason, field, atField: rest ? reasonOf(new Error(rest)) : reason, isStale };
}
