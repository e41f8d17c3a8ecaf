// Who else is in a conversation. One person may be there through several nodes.
import type { Member } from "@confab/protocol";

/** Somebody who is there. */
export interface Present extends Member {
  /** Whether they look at the conversation. */
  viewing: boolean;
}

/** Where people are whom the hub named without saying through which node. */
const SOMEWHERE = "";

export class Presence {
  readonly #people = new Map<string, { member: Member; nodes: Map<string, boolean> }>();

  constructor(readonly me: string) {}

  get members(): Present[] {
    return [...this.#people.values()].map(({ member, nodes }) => ({
      ...member,
      viewing: [...nodes.values()].some(Boolean),
    }));
  }

  /** The hub said who is there now. */
  reset(members: readonly Member[]): void {
    const before = new Map(this.#people);
    this.#people.clear();
    for (const member of members) {
      if (member.id === this.me) continue;
      const viewing = [...(before.get(member.id)?.nodes.values() ?? [])].some(Boolean);
      this.#people.set(member.id, { member, nodes: new Map([[SOMEWHERE, viewing]]) });
    }
  }

  arrived(member: Member, node: string, viewing: boolean): void {
    if (member.id === this.me) return;
    const person = this.#people.get(member.id) ?? { member, nodes: new Map<string, boolean>() };
    person.nodes.delete(SOMEWHERE);
    person.nodes.set(node, viewing);
    this.#people.set(member.id, { ...person, member });
  }

  left(id: string, node: string): void {
    const person = this.#people.get(id);
    if (!person) return;
    person.nodes.delete(node);
    person.nodes.delete(SOMEWHERE);
    if (person.nodes.size === 0) this.#people.delete(id);
  }
}
