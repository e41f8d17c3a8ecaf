// Who the client is, and how it stays that.
import type { TokenResponse } from "@confab/protocol";
import type { Api } from "./api";
import { HubError } from "./errors";

/** What a client shows the hub. */
export interface Credentials {
  /** Access or customer token. */
  token: string;
  /** When it runs out, in milliseconds since 1970. */
  expiresAt?: number | undefined;
  /** For getting the next one; customers' tokens have none. */
  refreshToken?: string | undefined;
}

/** The credentials that a log-in answers. */
export function credentialsOf(tokens: TokenResponse): Credentials {
  return { token: tokens.access_token, expiresAt: tokens.expires_at, refreshToken: tokens.refresh_token };
}

/** Gets fresh credentials; `undefined` when there is no way to. Throws what may pass. */
export type Renewal = (old: Credentials) => Promise<Credentials | undefined>;

/** The usual way: by the refresh token. */
export function renewalBy(api: Api): Renewal {
  return async (old) => {
    if (!old.refreshToken) return undefined;
    try {
      const body = { refresh_token: old.refreshToken };
      return credentialsOf(await api.request("POST /api/auth/renew", { body, token: null }));
    } catch (error) {
      if (error instanceof HubError && error.failure.kind === "refused" && !error.isTransient)
        return undefined;
      throw error;
    }
  };
}
