import { describe, expect, it } from "vitest";
import type { Member } from "../hub/types";
import {
  emptyThread,
  type Item,
  typists,
  viewers,
  withItem,
  withoutStored,
  withPage,
  withPresence,
  withReceipt,
} from "./thread";

const item = (seq: number, text = `m${seq}`, epoch = "e1"): Item => ({
  seq,
  epoch,
  entry: {
    id: `id-${epoch}-${seq}`,
    at: seq * 1000,
    author: { id: "mohan", name: "Mohan", role: "customer" },
    body: { kind: "TEXT", text },
  },
});
const seqs = (items: Item[]) => items.map(({ seq }) => seq);
const sam: Member = { id: "sam", name: "Sam", role: "agent" };
const rosa: Member = { id: "rosa", name: "Rosa", role: "supervisor" };

describe("entries", () => {
  it("keep the log's order however they come", () => {
    let items: Item[] = [];
    for (const seq of [3, 1, 7, 5, 3, 7]) items = withItem(items, item(seq));
    expect(seqs(items)).toEqual([1, 3, 5, 7]);
  });

  it("are not taken twice, and nothing changes then", () => {
    const items = [item(1), item(2)];
    expect(withItem(items, item(2))).toBe(items);
  });

  it("of an older page come before, each once", () => {
    const items = withPage([item(5), item(6)], [item(3), item(4), item(5)]);
    expect(seqs(items)).toEqual([3, 4, 5, 6]);
  });

  it("of another epoch are ordered by time, because their sequences can't be compared", () => {
    const later: Item = { ...item(1, "new log", "e2"), entry: { ...item(1).entry, at: 9000 } };
    expect(withPage([item(5)], [later]).map(({ epoch }) => epoch)).toEqual(["e1", "e2"]);
    expect(withItem([item(5)], later).map(({ epoch }) => epoch)).toEqual(["e1", "e2"]);
  });
});

describe("a message under way", () => {
  const pending = [{ clientId: "c1", note: false, text: "hello", at: 1, state: "sending" as const }];
  const stored = (author: string, id: string): Item => ({
    ...item(9),
    entry: { ...item(9).entry, id, author: { id: author, name: "x", role: "agent" } },
  });

  it("is gone when it is stored", () => {
    expect(withoutStored(pending, stored("sam", "c1"), "sam")).toEqual([]);
  });

  it("stays when somebody else used the same id", () => {
    expect(withoutStored(pending, stored("ram", "c1"), "sam")).toBe(pending);
  });
});

describe("watermarks", () => {
  it("only grow, and what is read was delivered", () => {
    let marks = withReceipt({}, { user_id: "mohan", delivered: 0, read: 7 });
    expect(marks.mohan).toEqual({ user_id: "mohan", delivered: 7, read: 7 });
    const before = marks;
    marks = withReceipt(marks, { user_id: "mohan", delivered: 3, read: 2 });
    expect(marks).toBe(before);
  });
});

describe("presence", () => {
  it("holds somebody as long as one node has them", () => {
    let present = withPresence({}, sam, "n1", false);
    present = withPresence(present, sam, "n2", true);
    present = withPresence(present, sam, "n1", null);
    expect(Object.keys(present)).toEqual(["sam"]);
    present = withPresence(present, sam, "n2", null);
    expect(present).toEqual({});
  });

  it("names colleagues who look, but not oneself", () => {
    let present = withPresence({}, sam, "n1", true);
    present = withPresence(present, rosa, "n1", true);
    expect(viewers({ ...emptyThread, present }, "sam").map(({ id }) => id)).toEqual(["rosa"]);
  });
});

it("typing lapses by itself", () => {
  const thread = { ...emptyThread, typing: { rosa: { member: rosa, until: 500 } } };
  expect(typists(thread, "sam", 499)).toEqual([rosa]);
  expect(typists(thread, "sam", 500)).toEqual([]);
  expect(typists(thread, "rosa", 0)).toEqual([]);
});
