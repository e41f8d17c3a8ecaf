// What the ticks of an own message say.

import type { Watermark } from "../hub/types";

export type Tick = "sending" | "failed" | "sent" | "delivered" | "read";

/** The state of a stored message at `seq`, by the watermarks of those it is for. */
export function tick(seq: number, receipts: Record<string, Watermark>, readers: readonly string[]): Tick {
  let delivered = false;
  for (const reader of readers) {
    const mark = receipts[reader];
    if (!mark) continue;
    if ((mark.read ?? 0) >= seq) return "read";
    if ((mark.delivered ?? 0) >= seq) delivered = true;
  }
  return delivered ? "delivered" : "sent";
}
