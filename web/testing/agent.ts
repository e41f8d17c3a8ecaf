// An agent of the demo tenant, by the client library.
import { WebSocket as NodeSocket } from "ws";
import { Api, Client, Conversation, credentialsOf } from "../client/src/index";
import { DEMO_PASSWORD } from "./hub";

const PATIENCE_MS = 20_000;

export class Agent {
  private constructor(
    readonly client: Client,
    readonly name: string,
    readonly login: string,
  ) {}

  /** Logs in and takes conversations. */
  static async start(url: string, login = "sam"): Promise<Agent> {
    const body = { tenant: "demo", login, password: DEMO_PASSWORD };
    const tokens = await new Api({ url }).request("POST /api/auth/login", { body });
    const client = new Client({
      url,
      credentials: credentialsOf(tokens),
      storage: null,
      backoff: { longestMs: 2000 },
      socket: (at, subprotocol) => new NodeSocket(at, subprotocol) as unknown as WebSocket,
    });
    client.connect();
    const agent = new Agent(client, tokens.user.name, tokens.user.id);
    await until("the agent is connected", () => client.state.status === "connected");
    await agent.available("online");
    return agent;
  }

  async available(availability: "online" | "offline"): Promise<void> {
    await this.client.api.request("PUT /api/agent/availability", { body: { availability } });
  }

  /** Opens the conversation that began with this message. */
  async open(message: string): Promise<Conversation> {
    let id: string | undefined;
    await until(`there is a conversation that begins with "${message}"`, async () => {
      const page = await this.client.api.request("GET /api/conversations", { query: { status: "active" } });
      id = page.items.find(({ activity }) => activity?.last_message === message)?.id;
      return id !== undefined;
    });
    const me = { id: this.login, name: this.name, role: "agent" as const };
    const conversation = new Conversation(this.client, id ?? "", { me });
    await until("it is read", () => conversation.snapshot().phase === "ready");
    return conversation;
  }

  /** Ends all conversations, takes no more, goes. */
  async stop(): Promise<void> {
    await this.available("offline").catch(() => {});
    const query = { status: "active", agent: "me" } as const;
    const open = await this.client.api.request("GET /api/conversations", { query }).catch(() => undefined);
    for (const { id } of open?.items ?? []) {
      await this.client.api.request("POST /api/conversations/{id}/close", { path: { id } }).catch(() => {});
    }
    this.client.stop();
  }
}

/** What was said in a conversation. */
export function said(conversation: Conversation): string[] {
  return conversation.snapshot().messages.flatMap(({ body }) => (body.kind === "TEXT" ? [body.text] : []));
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
