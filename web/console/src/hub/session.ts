// Who is logged in: kept on this device, renewed in time, ended when the hub says so.

import { Api, type Credentials, credentialsOf, HubError } from "@confab/client";
import type { LoginRequest, TokenResponse, UserView } from "@confab/protocol";
import { createStore, useStore } from "zustand";
import { t } from "../i18n";

const KEY = "confab.session";

export interface Session {
  user: UserView;
  credentials: Credentials;
  /** Whether it outlives the tab. */
  stay: boolean;
}

interface State {
  session: Session | null;
  /** Why one is not logged in any more. */
  notice: string | null;
  /** Somebody has come back from their identity provider, and is being let in. */
  entering: boolean;
}

export const sessions = createStore<State>(() => ({ session: restored(), notice: null, entering: false }));

export function useSession(): State {
  return useStore(sessions);
}

/** The hub's HTTP API, with the token that is valid now. */
export const api = new Api({ token: () => sessions.getState().session?.credentials.token });

function restored(): Session | null {
  for (const storage of storages()) {
    try {
      const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "null");
      if (isSession(kept)) return kept;
    } catch {
      // Odd content is no session.
    }
  }
  return null;
}

function storages(): Storage[] {
  try {
    return [sessionStorage, localStorage];
  } catch {
    return [];
  }
}

function isSession(kept: unknown): kept is Session {
  if (typeof kept !== "object" || kept === null) return false;
  const { user, credentials } = kept as Partial<Session>;
  return typeof user?.id === "string" && typeof credentials?.token === "string";
}

function keep(session: Session | null): void {
  const [forTab, forDevice] = storages();
  try {
    forTab?.removeItem(KEY);
    forDevice?.removeItem(KEY);
    if (session) (session.stay ? forDevice : forTab)?.setItem(KEY, JSON.stringify(session));
  } catch {
    // It holds until the tab is closed.
  }
}

/** Begins as whom the hub gave these tokens to. */
export function begin(tokens: TokenResponse, stay: boolean): void {
  const session = { user: tokens.user, credentials: credentialsOf(tokens), stay };
  keep(session);
  sessions.setState({ session, notice: null });
}

/** Logs in; answers with why it was refused, if it was. */
export async function logIn(request: LoginRequest, stay: boolean): Promise<string | null> {
  try {
    const tokens = await api.request("POST /api/auth/login", { body: request, token: null });
    if (tokens.user.role === "customer")
      return t("This is the agents' side. Customers write through the chat on the website.");
    begin(tokens, stay);
    return null;
  } catch (error) {
    if (error instanceof HubError && error.code === "wrong_credentials")
      return t("Tenant, login or password is wrong.");
    return error instanceof Error ? error.message : t("It did not work; try again.");
  }
}

/** Logs out on this device, saying why when it was not asked for. */
export function logOut(notice: string | null = null): void {
  keep(null);
  sessions.setState({ session: null, notice });
}

/** Keeps renewed credentials of the same person. */
export function keepCredentials(credentials: Credentials): void {
  const { session } = sessions.getState();
  if (!session) return;
  const next = { ...session, credentials };
  keep(next);
  sessions.setState({ session: next });
}

/** Another tab logged out, or in, or renewed: this one follows. */
export function followOtherTabs(): () => void {
  const listen = (event: StorageEvent) => {
    if (event.key !== KEY) return;
    const { session } = sessions.getState();
    const kept = restored();
    if (kept?.user.id === session?.user.id && kept?.user.tenant === session?.user.tenant && kept) {
      sessions.setState({ session: kept });
    } else if (!session || session.stay) {
      sessions.setState({ session: kept, notice: kept ? null : t("You logged out in another tab.") });
    }
  };
  addEventListener("storage", listen);
  return () => removeEventListener("storage", listen);
}
