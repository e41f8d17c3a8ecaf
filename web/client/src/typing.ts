// Typing: telling it seldom enough, and forgetting what others told in time.
import type { Member } from "@confab/protocol";

const REPEAT_MS = 3000;
const IDLE_MS = 5000;

/** Turns key strokes into a start, repeated while they go on, and a stop. */
export class TypingSignal {
  #told = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly tell: (on: boolean) => void) {}

  typed(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stop(), IDLE_MS);
    const now = Date.now();
    if (now - this.#told < REPEAT_MS) return;
    this.#told = now;
    this.tell(true);
  }

  stop(): void {
    clearTimeout(this.#idle);
    if (this.#told === 0) return;
    this.#told = 0;
    this.tell(false);
  }
}

/** Who else types; each is forgotten in time without another sign. */
export class TypingWatch {
  readonly #people = new Map<string, { member: Member; timer: ReturnType<typeof setTimeout> }>();

  constructor(
    readonly me: string,
    readonly changed: () => void,
  ) {}

  get members(): Member[] {
    return [...this.#people.values()].map(({ member }) => member);
  }

  started(member: Member, expiresMs: number): void {
    if (member.id === this.me) return;
    const before = this.#people.get(member.id);
    clearTimeout(before?.timer);
    const timer = setTimeout(() => this.stopped(member.id), expiresMs);
    this.#people.set(member.id, { member, timer });
    if (!before) this.changed();
  }

  stopped(id: string): void {
    const person = this.#people.get(id);
    if (!person) return;
    clearTimeout(person.timer);
    this.#people.delete(id);
    this.changed();
  }

  clear(): void {
    for (const { timer } of this.#people.values()) clearTimeout(timer);
    this.#people.clear();
  }
}
