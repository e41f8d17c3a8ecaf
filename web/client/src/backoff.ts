// How long to wait before the next attempt to connect: longer each time, and different for every client.

export interface BackoffOptions {
  firstMs?: number;
  longestMs?: number;
  /** Gives numbers from 0 to 1. */
  random?: () => number;
}

/** Waits that double from the first to the longest, each spread over its upper half. */
export class Backoff {
  #attempts = 0;
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;

  constructor(options: BackoffOptions = {}) {
    this.#first = options.firstMs ?? 500;
    this.#longest = options.longestMs ?? 30_000;
    this.#random = options.random ?? Math.random;
  }

  /** Attempts since the last success. */
  get attempts(): number {
    return this.#attempts;
  }

  reset(): void {
    this.#attempts = 0;
  }

  next(): number {
    const bound = Math.min(this.#first * 2 ** Math.min(this.#attempts, 30), this.#longest);
    this.#attempts += 1;
    return bound * (0.5 + this.#random() / 2);
  }
}
