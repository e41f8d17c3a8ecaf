// Every way in which a connection ends, and what a client does then.
import { CloseCode } from "@confab/protocol";

/** What follows an end. */
export type Next =
  /** Connect again after a growing, random wait. */
  | "reconnect"
  /** Connect again at once: the hub has spread its clients already. */
  | "reconnect_now"
  /** Get a fresh token first; without one this is the end. */
  | "renew"
  /** It will never work: tell the owner. */
  | "stop";

/** Ends that the hub names, and those only a client can see. */
export type EndName =
  | keyof typeof CloseCode
  /** No connection came about. */
  | "unreachable"
  /** The network took the connection away. */
  | "lost"
  /** The hub was silent for too long. */
  | "silent"
  /** The owner asked for it. */
  | "stopped"
  /** There is no token, and no way to get another. */
  | "signed_out";

/** Why a connection ended. */
export interface End {
  name: EndName;
  /** Number of the close frame, when there was one. */
  code?: number | undefined;
  next: Next;
}

const NEXT: Record<EndName, Next> = {
  normal: "reconnect",
  draining: "reconnect_now",
  malformed: "stop",
  unauthenticated: "renew",
  out_of_turn: "stop",
  unsupported_version: "stop",
  hello_timeout: "reconnect",
  idle_timeout: "reconnect",
  token_expired: "renew",
  slow: "reconnect",
  too_large: "stop",
  rate_limited: "reconnect",
  internal: "reconnect",
  unreachable: "reconnect",
  lost: "reconnect",
  silent: "reconnect",
  stopped: "stop",
  signed_out: "stop",
};

/** The end of this name. */
export function end(name: EndName, code?: number): End {
  return { name, code, next: NEXT[name] };
}

/** The end that a close frame's number stands for. */
export function endOfCode(code: number): End {
  for (const [name, number] of Object.entries(CloseCode)) {
    if (number === code) return end(name as EndName, code);
  }
  return end("lost", code);
}
