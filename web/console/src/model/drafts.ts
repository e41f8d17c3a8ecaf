// What was begun in each conversation's composer, kept across reloads on this device until it is sent.

export interface Draft {
  text: string;
  note: boolean;
}

const NOTHING: Draft = { text: "", note: false };

export class Drafts {
  readonly #storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  readonly #prefix: string;

  /** Drafts of one person: others who use the device don't see them. */
  constructor(storage: Pick<Storage, "getItem" | "setItem" | "removeItem">, tenant: string, user: string) {
    this.#storage = storage;
    this.#prefix = `confab.draft.${tenant}.${user}.`;
  }

  read(conversation: string): Draft {
    try {
      const kept: unknown = JSON.parse(this.#storage.getItem(this.#prefix + conversation) ?? "null");
      if (typeof kept !== "object" || kept === null) return NOTHING;
      const { text, note } = kept as Partial<Draft>;
      return { text: typeof text === "string" ? text : "", note: note === true };
    } catch {
      return NOTHING;
    }
  }

  /** Keeps a draft; an empty one is forgotten. A full storage loses the copy, never what is on the screen. */
  write(conversation: string, draft: Draft): void {
    try {
      if (draft.text === "" && !draft.note) this.#storage.removeItem(this.#prefix + conversation);
      else this.#storage.setItem(this.#prefix + conversation, JSON.stringify(draft));
    } catch {
      // Storage may be full or forbidden.
    }
  }
}
