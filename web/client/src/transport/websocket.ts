// Frames over a WebSocket.
import type { ClientFrame } from "@confab/protocol";
import { end, endOfCode } from "../close";
import type { Codec } from "../codec";
import type { Transport, TransportEvents } from "./transport";

const NORMAL = 1000;

/** Connects; a socket that never opens ends as `unreachable`. */
export class WebSocketTransport implements Transport {
  readonly kind = "websocket";
  readonly #socket: WebSocket;
  #events: TransportEvents | undefined;

  constructor(
    url: string,
    readonly codec: Codec,
    events: TransportEvents,
    connect: (url: string, subprotocol: string) => WebSocket = (at, protocol) => new WebSocket(at, protocol),
  ) {
    this.#events = events;
    let opened = false;
    const socket = connect(url, codec.subprotocol);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      opened = true;
      this.#events?.opened();
    };
    socket.onmessage = (message: MessageEvent<string | ArrayBuffer>) => this.#hear(message.data);
    // What went wrong is told by the close that follows.
    socket.onerror = () => {};
    socket.onclose = (event) => {
      const known = this.#events;
      this.#events = undefined;
      known?.closed(opened ? endOfCode(event.code) : end("unreachable", event.code));
    };
    this.#socket = socket;
  }

  send(frame: ClientFrame): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(this.codec.encode(frame));
  }

  close(): void {
    this.#events = undefined;
    this.#socket.close(NORMAL);
  }

  #hear(data: string | ArrayBuffer): void {
    let frame: ReturnType<Codec["decode"]>;
    try {
      frame = this.codec.decode(data);
    } catch {
      // A frame of a later version: not for this client, but a sign of life.
      this.#events?.alive();
      return;
    }
    this.#events?.frame(frame);
  }
}
