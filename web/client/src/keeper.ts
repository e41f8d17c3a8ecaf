// Keeps an outbox where it outlives the page. Each page has a place of its own, guarded by a lock: what a page that is
// gone has left, another one of the same person takes over.
import { newId } from "./ids";
import type { Pending } from "./outbox";
import type { KeyValueStorage } from "./storage";

/** The part of the Web Locks API that is needed here. */
export interface LockSource {
  request(
    name: string,
    options: { signal?: AbortSignal },
    held: (lock: unknown) => Promise<unknown>,
  ): Promise<unknown>;
}

/** Where the messages of one page are kept. */
export class Keeper {
  readonly #prefix: string;
  readonly #key: string;
  readonly #ended = new AbortController();

  constructor(
    readonly storage: KeyValueStorage,
    scope: string,
    readonly locks: LockSource | undefined,
  ) {
    this.#prefix = `confab.outbox.${scope}.`;
    this.#key = this.#prefix + newId();
    this.#hold(this.#key, () => untilAborted(this.#ended.signal));
  }

  /** Writes down what is pending now. */
  save(pending: readonly Pending[]): void {
    if (pending.length === 0) this.storage.removeItem(this.#key);
    else this.storage.setItem(this.#key, JSON.stringify(pending));
  }

  /** Hands over what other pages left: at once what nobody holds, and later what pages leave that end after this begins. */
  adopt(take: (left: Pending[]) => void): void {
    const others = this.storage.keys().filter((key) => key.startsWith(this.#prefix) && key !== this.#key);
    for (const key of others) {
      if (!this.locks) {
        this.#take(key, take);
        continue;
      }
      this.#hold(key, async () => this.#take(key, take));
    }
  }

  /** This page's messages are left to others. */
  end(): void {
    this.#ended.abort();
  }

  #take(key: string, take: (left: Pending[]) => void): void {
    const left = parse(this.storage.getItem(key));
    if (left.length > 0) take(left);
    this.storage.removeItem(key);
  }

  #hold(key: string, held: () => Promise<unknown>): void {
    this.locks?.request(key, { signal: this.#ended.signal }, held).catch(() => {
      // The page ends before the lock was had: there is nothing to guard any more.
    });
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

function parse(text: string | null): Pending[] {
  try {
    const items: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(items) ? items.filter(isPending) : [];
  } catch {
    return [];
  }
}

function isPending(item: unknown): item is Pending {
  const pending = item as Partial<Pending> | null;
  return (
    typeof pending?.clientId === "string" &&
    typeof pending.channel === "string" &&
    typeof pending.text === "string" &&
    typeof pending.at === "number"
  );
}
