// The way to the hub's live connection, for those who don't need to know how it is made.

/** What can be said on the connection about a conversation. */
export interface Wire {
  /** Follows a conversation's messages and notes after these places; from now on where a place is missing. */
  follow(id: string, epoch: string, last: number | null, lastNote: number | null): void;
  /** Follows these conversations and no others. */
  followOnly(ids: ReadonlySet<string>): void;
  send(id: string, message: { text: string; note: boolean }): void;
  retry(id: string, clientId: string): void;
  discard(id: string, clientId: string): void;
  read(id: string, seq: number): void;
  typing(id: string, on: boolean): void;
  view(id: string, on: boolean): void;
}

/** What stands in before there is a connection. */
const nothing: Wire = {
  follow: () => {},
  followOnly: () => {},
  send: () => {},
  retry: () => {},
  discard: () => {},
  read: () => {},
  typing: () => {},
  view: () => {},
};

let current: Wire = nothing;

export function wire(): Wire {
  return current;
}

export function setWire(next: Wire | null): void {
  current = next ?? nothing;
}
