// A wire that can be cut: carries bytes between clients and a hub until it is told not to.
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Wire {
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(private target: URL) {}

  static async start(target: string): Promise<Wire> {
    const wire = new Wire(new URL(target));
    await wire.mend();
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Leads new connections elsewhere, as a load balancer does when a node is gone. */
  lead(target: string): void {
    this.target = new URL(target);
  }

  /** Takes every connection away, and takes no new ones. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  }

  /** Carries again. */
  async mend(): Promise<void> {
    const server = createServer((inside) => {
      const outside = connect(Number(this.target.port), this.target.hostname);
      for (const [from, to] of [
        [inside, outside],
        [outside, inside],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }
}
