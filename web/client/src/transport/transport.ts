// What carries frames.
import type { ClientFrame, ServerFrame } from "@confab/protocol";
import type { End } from "../close";

export type TransportKind = "websocket" | "sse";

/** What a transport tells. Nothing comes after `closed`. */
export interface TransportEvents {
  /** Frames can be sent now. */
  opened(): void;
  frame(frame: ServerFrame): void;
  /** The other side is alive, though it said nothing. */
  alive(): void;
  closed(end: End): void;
}

/** One connection. */
export interface Transport {
  readonly kind: TransportKind;
  send(frame: ClientFrame): void;
  /** Ends it; `closed` is not told. */
  close(): void;
}
