// Where a client keeps what has to outlive the page.

/** A place for texts by key; `localStorage` is one. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  /** Every key there is. */
  keys(): string[];
}

/** Keeps everything as long as the page lives. */
export class MemoryStorage implements KeyValueStorage {
  readonly #items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  keys(): string[] {
    return [...this.#items.keys()];
  }
}

/** The browser's storage; what it refuses, because it is full or forbidden, lives as long as the page. */
export class BrowserStorage implements KeyValueStorage {
  readonly #refused = new MemoryStorage();

  constructor(readonly storage: Storage) {}

  getItem(key: string): string | null {
    return this.#refused.getItem(key) ?? attempt(() => this.storage.getItem(key)) ?? null;
  }

  setItem(key: string, value: string): void {
    const kept = attempt(() => {
      this.storage.setItem(key, value);
      return true;
    });
    if (kept) this.#refused.removeItem(key);
    else this.#refused.setItem(key, value);
  }

  removeItem(key: string): void {
    this.#refused.removeItem(key);
    attempt(() => this.storage.removeItem(key));
  }

  keys(): string[] {
    return [...new Set([...(attempt(() => Object.keys(this.storage)) ?? []), ...this.#refused.keys()])];
  }
}

/** `localStorage` where there is one that works. */
export function defaultStorage(): KeyValueStorage {
  const storage = attempt(() => globalThis.localStorage);
  return storage ? new BrowserStorage(storage) : new MemoryStorage();
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
