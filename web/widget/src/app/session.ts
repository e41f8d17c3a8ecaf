// What the widget does with the hub: begins a chat, goes on with one after a reload, ends it. Knows nothing of the screen.
import {
  Api,
  Client,
  type ConnectionState,
  Conversation,
  type ConversationSnapshot,
  defaultStorage,
  HubError,
  newId,
} from "@confab/client";
import type { SiteView } from "@confab/protocol";
import type { Options } from "../options";
import { Files } from "./files";

const RETRY_MS = 2000;
/** Somebody looks at it: a connection that can be had again is had soon. */
const LONGEST_WAIT_MS = 8000;

/** What a customer fills in. */
export interface Form {
  name: string;
  topic: string;
  message: string;
}

/** A chat that has begun. */
interface Kept {
  conversationId: string;
  customerId: string;
  name: string;
  token: string;
  expiresAt: number;
  feed: string;
}

/** A chat that is to begin: the same request until the hub has answered it. */
interface Starting extends Form {
  key: string;
  at: number;
}

interface Memory {
  chat?: Kept;
  starting?: Starting;
}

export interface SessionSnapshot {
  /** `form` until something is to be said; `starting` until the hub knows of it. */
  phase: "form" | "starting" | "chat";
  starting: Starting | undefined;
  /** Why the hub would not begin it. */
  problem: string | undefined;
  chat: ConversationSnapshot | undefined;
  conversationId: string | undefined;
  connection: ConnectionState;
  agent: { id: string; name: string } | undefined;
  queue: { position: number; estimatedWaitSeconds: number | undefined } | undefined;
  /** Whether the hub no longer lets this customer into the chat. */
  expired: boolean;
  /** Whether they have said how they were served, since it ended; not known until the hub was asked. */
  rated: boolean | undefined;
  /** What the tenant shows before a chat; not known until the hub has told. */
  site: SiteView | undefined;
}

export class Session {
  readonly #options: Options;
  readonly #storage = defaultStorage();
  readonly #key: string;
  readonly #listeners = new Set<() => void>();
  readonly #api: Api;
  readonly #ended = new AbortController();
  readonly files = new Files(() => this.#changed());
  #memory: Memory;
  #client: Client | undefined;
  #conversation: Conversation | undefined;
  #problem: string | undefined;
  #agent: SessionSnapshot["agent"];
  #queue: SessionSnapshot["queue"];
  #rated: boolean | undefined;
  #site: SiteView | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #snapshot: SessionSnapshot | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#key = `confab.widget.${options.tenantId}`;
    this.#api = new Api({ url: options.apiUrl });
    this.#memory = this.#recall();
    const { signal } = this.#ended;
    const elsewhere = (event: StorageEvent) => event.key === this.#key && this.#follow();
    addEventListener("storage", elsewhere, { signal });
    addEventListener("online", () => this.#memory.starting && void this.#begin(), { signal });
    if (this.#memory.chat?.conversationId) this.#resume(this.#memory.chat, "history");
    else if (this.#memory.starting) void this.#begin();
    void this.#visit();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): SessionSnapshot => {
    this.#snapshot ??= this.#look();
    return this.#snapshot;
  };

  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  get client(): Client | undefined {
    return this.#client;
  }

  /** Where an agent's picture is, if they have one. */
  pictureOf(agent: string | null | undefined): string | undefined {
    if (!agent) return undefined;
    return `${this.#api.url}/api/people/${this.#options.tenantId}/${encodeURIComponent(agent)}/picture`;
  }

  /** The customer's name, as far as it is known. */
  get name(): string {
    return this.#memory.chat?.name ?? this.#memory.starting?.name ?? this.#options.customer.name ?? "";
  }

  /** Begins a chat: now, or as soon as the hub can be reached. */
  start(form: Form): void {
    this.#problem = undefined;
    this.#remember({ ...this.#memory, starting: { ...form, key: newId() + newId(), at: Date.now() } });
    void this.#begin();
  }

  /** Back to an empty form, after an end. */
  renew(): void {
    this.#leave();
    this.#changed();
    void this.#visit();
  }

  /** Leaves everything as it is, for the next page. */
  destroy(): void {
    this.#ended.abort();
    this.#stop();
    this.#listeners.clear();
  }

  /** Ends the chat. */
  async end(): Promise<void> {
    const id = this.#memory.chat?.conversationId;
    if (id) await this.#client?.api.request("POST /api/conversations/{id}/close", { path: { id } });
  }

  /** Says how the customer was served, once each time the chat ends. */
  async rate(score: number, comment: string): Promise<void> {
    const id = this.#memory.chat?.conversationId;
    if (!id || !this.#client) return;
    const body = comment ? { score, comment } : { score };
    try {
      await this.#client.api.request("POST /api/conversations/{id}/survey", { path: { id }, body });
    } catch (error) {
      // Another tab was first.
      if (!(error instanceof HubError && error.code === "conflict")) throw error;
    }
    this.#rated = true;
    this.#changed();
  }

  /** Asks what the tenant shows. Without an answer the form is as the page has it. */
  async #visit(): Promise<void> {
    try {
      const query = { tenant: this.#options.tenantId };
      this.#site = await this.#api.request("GET /api/site", { query, token: null });
      this.#changed();
    } catch {
      // The chat can begin all the same.
    }
  }

  /** Asks for a person instead of automatic replies. A link that breaks leaves the button where it is. */
  async askForPerson(): Promise<void> {
    const id = this.#memory.chat?.conversationId;
    if (!id) return;
    await this.#client?.api.request("POST /api/conversations/{id}/human", { path: { id } }).catch(() => {});
  }

  async #begin(): Promise<void> {
    clearTimeout(this.#retry);
    const { starting, chat } = this.#memory;
    if (!starting) return;
    this.#changed();
    const { tenantId, team, issueType } = this.#options;
    const { name, topic, message, key } = starting;
    // Who has chatted before stays the same customer, as long as the hub knows them.
    const token = chat && chat.expiresAt > Date.now() ? chat.token : null;
    const body = {
      ...(token ? {} : { tenant: tenantId }),
      issue_type: topic || issueType,
      message,
      ...(name ? { name } : {}),
      ...(team ? { team } : {}),
    };
    try {
      const started = await this.#api.request("POST /api/chat/start", { body, idempotencyKey: key, token });
      if (this.#memory.starting?.key !== key) return;
      const begun: Kept = {
        conversationId: started.conversation_id,
        customerId: started.customer_id,
        name,
        token: started.token,
        expiresAt: started.expires_at,
        feed: started.feed,
      };
      this.#stop();
      this.#remember({ chat: begun });
      this.#resume(begun, "start");
    } catch (error) {
      if (error instanceof HubError && error.isAboutToken) {
        this.#remember({ starting });
        void this.#begin();
      } else if (error instanceof HubError && !error.isTransient) {
        this.#problem = error.message;
        this.#remember(chat ? { chat } : {});
        this.#changed();
      } else {
        this.#retry = setTimeout(() => void this.#begin(), RETRY_MS);
      }
    }
  }

  #resume(kept: Kept, from: "start" | "history"): void {
    const client = new Client({
      url: this.#options.apiUrl,
      credentials: { token: kept.token, expiresAt: kept.expiresAt },
      name: "confab-widget",
      backoff: { longestMs: LONGEST_WAIT_MS },
      scope: `${this.#options.tenantId}.${kept.customerId}`,
    });
    const me = { id: kept.customerId, name: kept.name, role: "customer" as const };
    const conversation = new Conversation(client, kept.conversationId, { me, from });
    this.#client = client;
    this.#conversation = conversation;
    client.on("state", () => this.#changed());
    let ended = false;
    conversation.subscribe(() => {
      // What goes on is asked about anew when it ends.
      if (ended && !conversation.snapshot().ended) this.#rated = false;
      ended = conversation.snapshot().ended;
      this.#changed();
    });
    client.follow(kept.feed, {
      joined: () => void this.#lookUp(kept.conversationId),
      entry: ({ entry: { body } }) => {
        if (body.kind !== "new_chat" || body.conversation_id !== kept.conversationId) return;
        this.#agent = body.conversation.agent ?? undefined;
        this.#queue = undefined;
        this.#changed();
      },
      event: (event) => {
        if (event.kind !== "queue_position" || event.conversation_id !== kept.conversationId) return;
        const estimatedWaitSeconds = event.estimated_wait_seconds ?? undefined;
        this.#queue = { position: event.position, estimatedWaitSeconds };
        this.#changed();
      },
    });
    client.connect();
    this.#changed();
  }

  /** What was told before this page was there: who answers, or which place in the queue it has. */
  async #lookUp(id: string): Promise<void> {
    const api = this.#client?.api;
    const path = { id };
    try {
      const view = await api?.request("GET /api/conversations/{id}", { path });
      if (!view || id !== this.#memory.chat?.conversationId) return;
      this.#agent = view.agent ?? undefined;
      this.#queue = undefined;
      this.#rated = Boolean(view.satisfaction);
      if (view.status === "waiting") {
        const place = await api?.request("GET /api/conversations/{id}/queue", { path });
        if (place) {
          const estimatedWaitSeconds = place.estimated_wait_seconds ?? undefined;
          this.#queue = { position: place.position, estimatedWaitSeconds };
        }
      }
      this.#changed();
    } catch {
      // It has hardly begun, or has an agent meanwhile: the feed will tell.
    }
  }

  /** Another tab began or left a chat. */
  #follow(): void {
    const before = this.#memory.chat?.conversationId;
    this.#memory = this.#recall();
    const { chat } = this.#memory;
    if (chat?.conversationId === before) return;
    this.#stop();
    if (chat?.conversationId) this.#resume(chat, "history");
    this.#changed();
  }

  #leave(): void {
    const { chat } = this.#memory;
    this.#stop();
    // The token is kept: with it, the next chat is the same customer's.
    if (chat) this.#remember({ chat: { ...chat, conversationId: "" } });
  }

  #stop(): void {
    clearTimeout(this.#retry);
    this.#conversation?.close();
    this.#client?.stop();
    this.#conversation = undefined;
    this.#client = undefined;
    this.#agent = undefined;
    this.#queue = undefined;
    this.#rated = undefined;
  }

  #recall(): Memory {
    try {
      return JSON.parse(this.#storage.getItem(this.#key) ?? "{}") as Memory;
    } catch {
      return {};
    }
  }

  #remember(memory: Memory): void {
    this.#memory = memory;
    this.#storage.setItem(this.#key, JSON.stringify(memory));
  }

  #look(): SessionSnapshot {
    const { chat: kept, starting } = this.#memory;
    const chat = this.#conversation?.snapshot();
    const connection = this.#client?.state ?? ({ status: "idle" } as const);
    const signedOut = connection.status === "stopped" && connection.end.name === "signed_out";
    return {
      phase: starting ? "starting" : kept?.conversationId ? "chat" : "form",
      starting,
      problem: this.#problem,
      chat,
      conversationId: kept?.conversationId || undefined,
      connection,
      agent: this.#agent,
      queue: this.#queue,
      expired: signedOut || chat?.phase === "refused",
      rated: this.#rated,
      site: this.#site,
    };
  }

  #changed(): void {
    this.#snapshot = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}
