import { describe, expect, it } from "vitest";
import type { Conversation } from "../hub/types";
import { attention, defaultPreferences, readPreferences, titled } from "./attention";
import { Drafts } from "./drafts";
import { findEmoji } from "./emoji";
import { linked } from "./links";
import { counts, listed, matches, neighbour, newer } from "./lists";
import { match } from "./shortcuts";
import { dayLabel, duration, shortAgo } from "./time";
import { replaced, triggerAt } from "./trigger";

function conversation(id: string, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    ticket_id: `t-${id}`,
    status: "active",
    customer: { id: `c-${id}`, name: `Customer ${id}` },
    agent: { id: "sam", name: "Sam" },
    issue_type: "payment",
    priority: "MEDIUM",
    started_at: 1000,
    version: 1,
    ...more,
  };
}
const ids = (found: Conversation[]) => found.map(({ id }) => id);

describe("the list", () => {
  const all = [
    conversation("a", { started_at: 1 }),
    conversation("b", { agent: { id: "ram", name: "Ram" }, started_at: 5 }),
    conversation("c", { status: "waiting", agent: null, queued_at: 30 }),
    conversation("d", { status: "waiting", agent: null, queued_at: 40, priority: "URGENT" }),
    conversation("e", { status: "closed", ended_at: 50 }),
  ];

  it("has each conversation in its tabs, in their order", () => {
    expect(ids(listed(all, "mine", "sam", ""))).toEqual(["a"]);
    expect(ids(listed(all, "unassigned", "sam", ""))).toEqual(["d", "c"]);
    expect(ids(listed(all, "all", "sam", ""))).toEqual(["c", "d", "b", "a"]);
    expect(ids(listed(all, "closed", "sam", ""))).toEqual(["e"]);
    expect(counts(all, "sam")).toEqual({ mine: 1, unassigned: 2, all: 4 });
  });

  it("is filtered by every word, in names, topics and the last message", () => {
    const one = conversation("x", { customer: { id: "m", name: "Mohan Das" }, team: "billing" });
    expect(matches(one, "moh bill")).toBe(true);
    expect(matches(one, "moh shipping")).toBe(false);
    expect(matches(one, "  ")).toBe(true);
  });

  it("is walked through by keys, and ends at its ends", () => {
    const list = [all[0], all[1]].filter((each) => each !== undefined);
    expect(neighbour(list, "a", 1)).toBe("b");
    expect(neighbour(list, "b", 1)).toBe("b");
    expect(neighbour(list, null, 1)).toBe("a");
    expect(neighbour([], null, 1)).toBeNull();
  });

  it("takes the newer state, and keeps the activity that entries don't carry", () => {
    const activity = { message_count: 2, last_seq: 9, last_activity_at: 9, unread: 0 };
    const known = conversation("a", { version: 3, activity });
    expect(newer(known, conversation("a", { version: 2, status: "waiting" })).status).toBe("active");
    expect(newer(known, conversation("a", { version: 4, status: "closed" }))).toMatchObject({
      status: "closed",
      activity,
    });
  });
});

describe("drafts", () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };

  it("are kept per conversation and person, and forgotten when empty", () => {
    const drafts = new Drafts(storage, "demo", "sam");
    drafts.write("c1", { text: "half a", note: true });
    expect(new Drafts(storage, "demo", "sam").read("c1")).toEqual({ text: "half a", note: true });
    expect(new Drafts(storage, "demo", "ram").read("c1").text).toBe("");
    drafts.write("c1", { text: "", note: false });
    expect(kept.size).toBe(0);
  });

  it("survive odd content and a full storage", () => {
    kept.set("confab.draft.demo.sam.c2", "{");
    const full = {
      ...storage,
      setItem: () => {
        throw new Error("full");
      },
    };
    const drafts = new Drafts(full, "demo", "sam");
    expect(drafts.read("c2").text).toBe("");
    expect(() => drafts.write("c2", { text: "x", note: false })).not.toThrow();
  });
});

describe("suggestions are asked for", () => {
  it.each([
    ["/ref", "canned", "ref"],
    ["hello @sa", "mention", "sa"],
    ["well :smi", "emoji", "smi"],
  ])("in %j", (text, kind, query) => {
    expect(triggerAt(text, text.length)).toMatchObject({ kind, query });
  });

  it.each(["hello /ref", "a@b", "at 10:30", "see :", "1/2"])("not in %j", (text) => {
    expect(triggerAt(text, text.length)).toBeNull();
  });

  it("and what is taken replaces only the sign and the query", () => {
    const trigger = triggerAt("hi @sa there", 6);
    expect(trigger && replaced("hi @sa there", trigger, "@sam ")).toEqual({
      text: "hi @sam  there",
      caret: 8,
    });
  });
});

describe("shortcuts", () => {
  const press = (key: string, more: object = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    inText: false,
    ...more,
  });

  it("are single keys, pairs, and with Ctrl or ⌘", () => {
    expect(match(press("j"), null)).toEqual({ id: "next" });
    expect(match(press("g"), null)).toEqual({ first: "g" });
    expect(match(press("l"), "g")).toEqual({ id: "go-live" });
    expect(match(press("k", { metaKey: true }), null)).toEqual({ id: "commands" });
  });

  it("leave text alone, but for the command bar", () => {
    expect(match(press("j", { inText: true }), null)).toBeNull();
    expect(match(press("k", { ctrlKey: true, inText: true }), null)).toEqual({ id: "commands" });
  });

  it("leave the browser's own keys alone", () => {
    expect(match(press("r", { ctrlKey: true }), null)).toBeNull();
    expect(match(press("t", { ctrlKey: true }), null)).toBeNull();
    expect(match(press("e", { altKey: true }), null)).toBeNull();
  });

  it("begin anew when a pair comes to nothing", () => {
    expect(match(press("j"), "g")).toEqual({ id: "next" });
  });
});

describe("attention", () => {
  it("is not asked for what is being looked at", () => {
    const screen = { inForeground: true, viewing: true };
    expect(attention("message", defaultPreferences, screen)).toEqual({
      toast: false,
      sound: null,
      notification: false,
    });
  });

  it("is a toast in the foreground and a notification behind, if wanted", () => {
    const wanted = { ...defaultPreferences, notifications: true };
    expect(attention("message", wanted, { inForeground: true, viewing: false })).toEqual({
      toast: true,
      sound: "ping",
      notification: false,
    });
    expect(attention("new_chat", wanted, { inForeground: false, viewing: true })).toEqual({
      toast: false,
      sound: "chime",
      notification: true,
    });
    expect(
      attention("new_chat", defaultPreferences, { inForeground: false, viewing: false }).notification,
    ).toBe(false);
  });

  it("is silent about the queue for who wants it so", () => {
    const quiet = { ...defaultPreferences, waiting: false };
    expect(attention("waiting", quiet, { inForeground: false, viewing: false })).toEqual({
      toast: false,
      sound: null,
      notification: false,
    });
  });

  it("shows in the title", () => {
    expect(titled("Inbox", 0)).toBe("Inbox · Confab");
    expect(titled("Inbox", 3)).toBe("(3) Inbox · Confab");
    expect(titled("Inbox", 300)).toBe("(99+) Inbox · Confab");
  });

  it("reads preferences whatever was stored", () => {
    expect(readPreferences("null")).toEqual(defaultPreferences);
    expect(readPreferences("{")).toEqual(defaultPreferences);
    expect(readPreferences('{"theme":"dark","sound":"loud"}')).toEqual({
      ...defaultPreferences,
      theme: "dark",
    });
  });
});

describe("times", () => {
  const now = new Date(2026, 10, 21, 15, 0).getTime();
  it("are named as people do", () => {
    expect(dayLabel(now, now)).toBe("Today");
    expect(dayLabel(new Date(2026, 10, 20, 23, 59).getTime(), now)).toBe("Yesterday");
    expect(shortAgo(now - 30_000, now)).toBe("now");
    expect(shortAgo(now - 12 * 60_000, now)).toBe("12 min");
    expect([45_000, 180_000, 4_800_000, 187_200_000].map(duration)).toEqual([
      "45 s",
      "3 min",
      "1 h 20 min",
      "2 d 4 h",
    ]);
  });
});

describe("texts", () => {
  it("have their links and mentions found, and are otherwise left as they are", () => {
    expect(linked("see https://example.com/a?b=1. @sam <b>")).toEqual([
      { kind: "text", text: "see " },
      { kind: "link", text: "https://example.com/a?b=1", href: "https://example.com/a?b=1" },
      { kind: "text", text: ". " },
      { kind: "mention", text: "@sam" },
      { kind: "text", text: " <b>" },
    ]);
    expect(linked("javascript:alert(1) mail a@b.c")).toEqual([
      { kind: "text", text: "javascript:alert(1) mail a@b.c" },
    ]);
  });

  it("find emoji by words", () => {
    expect(findEmoji("thumbs up").map(({ sign }) => sign)).toEqual(["👍"]);
    expect(findEmoji("zzz")).toEqual([]);
  });
});

it("what was said later stays, whichever way it was told", () => {
  const activity = (last_seq: number) => ({
    message_count: 1,
    last_seq,
    last_activity_at: 1,
    unread: last_seq,
  });
  const known = conversation("a", { version: 2, activity: activity(9) });
  expect(newer(known, conversation("a", { version: 3, activity: activity(4) })).activity?.last_seq).toBe(9);
  expect(newer(known, conversation("a", { version: 1, activity: activity(12) })).activity?.last_seq).toBe(12);
});
