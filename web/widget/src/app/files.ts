// Files on their way to the hub, and links to those that are there.
import { type Client, HubError, newId, upload } from "@confab/client";
import type { Attachment, AttachmentLinks } from "@confab/protocol";

/** A file on its way. */
export interface Outgoing {
  id: string;
  file: File;
  /** Which part has gone, from 0 to 1. */
  share: number;
  /** Why it didn't go. */
  problem?: string;
}

/** A link that ends so soon is not given to anybody. */
const MARGIN_MS = 30_000;

export class Files {
  #outgoing: Outgoing[] = [];
  readonly #ends = new Map<string, AbortController>();
  readonly #links = new Map<string, Promise<AttachmentLinks>>();

  constructor(readonly changed: () => void) {}

  get outgoing(): readonly Outgoing[] {
    return this.#outgoing;
  }

  send(client: Client, conversation: string, file: File, id: string = newId()): void {
    const end = new AbortController();
    this.#ends.set(id, end);
    this.#put({ id, file, share: 0 });
    upload(client, conversation, file, {
      clientId: id,
      signal: end.signal,
      onProgress: (share) => this.#put({ id, file, share }),
    }).then(
      () => this.discard(id),
      (error: unknown) => {
        if (end.signal.aborted) return;
        const problem = error instanceof HubError ? error.message : String(error);
        this.#put({ id, file, share: 0, problem });
      },
    );
  }

  /** Tries again what failed. */
  retry(client: Client, conversation: string, { id, file }: Outgoing): void {
    this.send(client, conversation, file, id);
  }

  discard(id: string): void {
    this.#ends.get(id)?.abort();
    this.#ends.delete(id);
    this.#outgoing = this.#outgoing.filter((other) => other.id !== id);
    this.changed();
  }

  /** Where a file's bytes are: absolute addresses that work for a while. */
  async links(client: Client, { id }: Attachment): Promise<AttachmentLinks> {
    let links = this.#links.get(id);
    if (links && (await links.catch(() => undefined)) === undefined) links = undefined;
    if (!links || (await links).expires_at - MARGIN_MS < Date.now()) {
      links = this.#ask(client, id);
      this.#links.set(id, links);
    }
    return links;
  }

  async #ask(client: Client, id: string): Promise<AttachmentLinks> {
    const { links } = await client.api.request("GET /api/attachments/{id}", { path: { id } });
    const absolute = (path: string) => new URL(path, `${client.api.url}/`).href;
    return {
      url: absolute(links.url),
      preview_url: links.preview_url ? absolute(links.preview_url) : null,
      expires_at: links.expires_at,
    };
  }

  #put(outgoing: Outgoing): void {
    const at = this.#outgoing.findIndex(({ id }) => id === outgoing.id);
    this.#outgoing = at < 0 ? [...this.#outgoing, outgoing] : this.#outgoing.with(at, outgoing);
    this.changed();
  }
}
