// How the connection is.
import type { WelcomeFrame } from "@confab/protocol";
import type { End } from "./close";
import type { TransportKind } from "./transport/transport";

export type ConnectionState =
  /** `connect` was not called yet. */
  | { status: "idle" }
  /** An attempt is under way. */
  | { status: "connecting"; attempt: number; transport: TransportKind }
  /** The hub said welcome. */
  | { status: "connected"; transport: TransportKind; welcome: WelcomeFrame }
  /** There is no connection; the next attempt comes at `retryAt` (milliseconds since 1970), or when the network is back. */
  | { status: "waiting"; end: End; attempt: number; retryAt: number; offline: boolean }
  /** No further attempt is made. */
  | { status: "stopped"; end: End };
