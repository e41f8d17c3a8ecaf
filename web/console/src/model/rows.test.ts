import { describe, expect, it } from "vitest";
import type { Body, Role } from "../hub/types";
import { type MessageRow, type Row, rows } from "./rows";
import { emptyThread, type Item } from "./thread";

const DAY = 86_400_000;
const noon = new Date(2026, 5, 10, 12).getTime();
const context = { me: "sam", customer: "mohan" };

function said(seq: number, author: string, at: number, body: Body = { kind: "TEXT", text: `m${seq}` }): Item {
  const role: Role = author === "mohan" ? "customer" : "agent";
  return { seq, epoch: "e", entry: { id: `i${seq}`, at, author: { id: author, name: author, role }, body } };
}
const kinds = (made: Row[]) => made.map(({ kind }) => kind);
const messages = (made: Row[]) => made.filter((row): row is MessageRow => row.kind === "message");

describe("a thread's rows", () => {
  it("group one sender's messages within five minutes", () => {
    const items = [
      said(1, "mohan", noon),
      said(2, "mohan", noon + 60_000),
      said(3, "mohan", noon + 7 * 60_000),
      said(4, "sam", noon + 7 * 60_000),
    ];
    const made = messages(rows({ ...emptyThread, items }, context));
    expect(made.map(({ first, last }) => [first, last])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it("never group a note with a message", () => {
    const items = [said(1, "sam", noon), said(2, "sam", noon + 1, { kind: "NOTE", text: "psst" })];
    const made = messages(rows({ ...emptyThread, items }, context));
    expect(made.map(({ note, first }) => [note, first])).toEqual([
      [false, true],
      [true, true],
    ]);
  });

  it("begin each day with its separator", () => {
    const items = [said(1, "mohan", noon), said(2, "mohan", noon + DAY)];
    expect(kinds(rows({ ...emptyThread, items }, context))).toEqual(["day", "message", "day", "message"]);
  });

  it("mark once where what is unread begins, never at one's own message", () => {
    const items = [
      said(1, "mohan", noon),
      said(2, "sam", noon + 1),
      said(3, "mohan", noon + 2),
      said(4, "mohan", noon + 3),
    ];
    const made = rows({ ...emptyThread, items, unreadAfter: 1 }, context);
    expect(kinds(made)).toEqual(["day", "message", "message", "unread", "message", "message"]);
  });

  it("show steps, but not the end twice", () => {
    const items = [
      said(1, "mohan", noon, { kind: "SYSTEM", event: "CONVERSATION_CLOSED", text: "Closed." }),
      said(2, "mohan", noon, { kind: "chat_ended", conversation_id: "c", by: { name: "x" } }),
    ];
    expect(kinds(rows({ ...emptyThread, items }, context))).toEqual(["day", "system"]);
  });

  it("put what is under way last, with its state", () => {
    const pending = [
      {
        clientId: "c1",
        note: false,
        text: "soon",
        at: noon + 1,
        state: "failed" as const,
        reason: "too long",
      },
    ];
    const made = messages(rows({ ...emptyThread, items: [said(1, "mohan", noon)], pending }, context));
    expect(made.at(-1)).toMatchObject({ text: "soon", tick: "failed", mine: true, key: "sam/c1" });
  });

  it("keep a message's key when it is stored, so that it is not drawn anew", () => {
    const pending = [{ clientId: "i1", note: false, text: "m1", at: noon, state: "sending" as const }];
    const before = messages(rows({ ...emptyThread, pending }, context))[0];
    const after = messages(rows({ ...emptyThread, items: [said(1, "sam", noon)] }, context))[0];
    expect(before?.key).toBe(after?.key);
  });

  it("tick by the customer's watermarks only", () => {
    const items = [said(1, "sam", noon), said(2, "sam", noon), said(3, "sam", noon)];
    const receipts = {
      mohan: { user_id: "mohan", delivered: 2, read: 1 },
      rosa: { user_id: "rosa", delivered: 3, read: 3 },
    };
    const made = messages(rows({ ...emptyThread, items, receipts }, context));
    expect(made.map(({ tick }) => tick)).toEqual(["read", "delivered", "sent"]);
  });

  it("are made of 10,000 messages within a frame or two", () => {
    const items = Array.from({ length: 10_000 }, (_, seq) =>
      said(seq + 1, seq % 3 ? "mohan" : "sam", noon + seq * 1000),
    );
    expect(messages(rows({ ...emptyThread, items }, context))).toHaveLength(10_000);
  });
});
