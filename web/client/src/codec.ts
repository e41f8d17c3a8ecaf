// How frames are written.
import { type ClientFrame, type ServerFrame, SUBPROTOCOLS } from "@confab/protocol";

/** A way to write frames; the subprotocol of the WebSocket names it. */
export interface Codec {
  readonly subprotocol: string;
  encode(frame: ClientFrame): string | Uint8Array<ArrayBuffer>;
  decode(data: string | ArrayBuffer): ServerFrame;
}

/** Frames as JSON objects. */
export const json: Codec = {
  subprotocol: SUBPROTOCOLS.json,
  encode: (frame) => JSON.stringify(frame),
  decode: (data) => JSON.parse(data as string) as ServerFrame,
};
