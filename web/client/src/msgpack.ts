// Frames as MessagePack maps: smaller on the wire than JSON. Apart from the rest, so that who needs it not doesn't load it.
import { type ServerFrame, SUBPROTOCOLS } from "@confab/protocol";
import { decode, encode } from "@msgpack/msgpack";
import type { Codec } from "./codec";

export const msgpack: Codec = {
  subprotocol: SUBPROTOCOLS.msgpack,
  encode: (frame) => encode(frame, { ignoreUndefined: true }),
  decode: (data) => decode(data as ArrayBuffer) as ServerFrame,
};
