// Logging in through an identity provider: the question that a browser is sent there with, and the answer that it
// comes back with in the fragment of the address (OpenID Connect, `response_type=id_token`).

import type { OidcBeginResponse } from "@confab/protocol";

/** What is remembered between the question and the answer. */
export interface Question {
  tenant: string;
  state: string;
  nonce: string;
  /** Whether the session outlives the tab. */
  stay: boolean;
}

export type Answered =
  | { kind: "token"; token: string; question: Question }
  /** The provider said no, or nobody here had asked. */
  | { kind: "refused"; reason: string | null };

/** Where a browser is sent; none when the provider doesn't say where. */
export function questionUrl(begun: OidcBeginResponse, state: string, back: string): string | null {
  if (!begun.authorization_endpoint) return null;
  const url = new URL(begun.authorization_endpoint);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  const asked = {
    response_type: "id_token",
    response_mode: "fragment",
    client_id: begun.client_id,
    scope: begun.scope,
    nonce: begun.nonce,
    state,
    redirect_uri: back,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return url.href;
}

/** The answer in a fragment, if there is one. Only an answer to the question that was asked here is taken. */
export function answerIn(fragment: string, asked: Question | null): Answered | null {
  // Places of the console begin with a slash.
  if (fragment.startsWith("#/")) return null;
  const said = new URLSearchParams(fragment.replace(/^#/, ""));
  const token = said.get("id_token");
  const error = said.get("error");
  if (!token && !error) return null;
  if (!asked || said.get("state") !== asked.state) return { kind: "refused", reason: null };
  if (error) return { kind: "refused", reason: said.get("error_description") ?? error };
  if (!token || claimed(token).nonce !== asked.nonce) return { kind: "refused", reason: null };
  return { kind: "token", token, question: asked };
}

/** What a token claims; the hub alone judges whether it is true. */
function claimed(token: string): { nonce?: unknown } {
  try {
    const body = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims: unknown = JSON.parse(atob(body));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

/** A question that was kept as text; odd content is none. */
export function readQuestion(kept: string | null): Question | null {
  try {
    const { tenant, state, nonce, stay } = JSON.parse(kept ?? "null") as Partial<Question>;
    if (typeof tenant !== "string" || typeof state !== "string" || typeof nonce !== "string") return null;
    return { tenant, state, nonce, stay: stay === true };
  } catch {
    return null;
  }
}
