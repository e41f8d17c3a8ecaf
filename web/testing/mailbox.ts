// A mail server on this machine that knows nobody: it refuses every address for good.
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export class Mailbox {
  readonly refused: string[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(readonly server: Server) {}

  static async start(): Promise<Mailbox> {
    const server = createServer((socket) => mailbox.#serve(socket));
    const mailbox = new Mailbox(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return mailbox;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.write("220 mail.test ready\r\n");
    let rest = "";
    socket.on("data", (chunk) => {
      const lines = (rest + String(chunk)).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) socket.write(`${this.#answer(line)}\r\n`);
    });
  }

  #answer(line: string): string {
    const [verb = ""] = line.toUpperCase().split(/[ :]/);
    if (verb === "RCPT") {
      this.refused.push(/<(.*)>/.exec(line)?.[1] ?? "");
      return "550 5.1.1 There is nobody of that name";
    }
    return verb === "QUIT" ? "221 Bye" : "250 mail.test";
  }
}
