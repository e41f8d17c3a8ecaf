// The parts of the widget that need no browser: colours, settings, languages, words.
import { hasEnded, type Message } from "@confab/client";
import { describe, expect, test, vi } from "vitest";
import { contrast, on, readable } from "../src/app/colour";
import { ar } from "../src/app/i18n/ar";
import { de } from "../src/app/i18n/de";
import { en } from "../src/app/i18n/en";
import { textsOf } from "../src/app/i18n/index";
import { choose } from "../src/app/locale";
import { stepText } from "../src/app/steps";
import { transcript } from "../src/app/transcript";
import { pieces } from "../src/app/ui/text";
import { hasChat } from "../src/memory";
import { complete } from "../src/options";

describe("colours", () => {
  const COLOURS = ["#0b6b62", "#ffd166", "#000", "#fff", "#ff0000", "#7f7f7f", "#2463ad", "#f0f"];

  test.each(COLOURS)("what stands on %s can be read", (colour) => {
    expect(contrast(colour, on(colour))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(COLOURS)("%s as text can be read on light and on dark", (colour) => {
    for (const surface of ["#ffffff", "#151b1a"]) {
      expect(contrast(readable(colour, surface), surface)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("a colour that can be read already stays as it is", () => {
    expect(readable("#0b6b62", "#ffffff")).toBe("#0b6b62");
  });
});

describe("settings", () => {
  test("what is left out has its default, and the hub is where the script comes from", () => {
    const options = complete({ tenantId: "demo" }, "https://chat.example/", () => {});
    expect(options).toMatchObject({ apiUrl: "https://chat.example", position: "end", askName: "auto" });
  });

  test("what can't be used is told and left out", () => {
    const warn = vi.fn();
    const wrong = { tenantId: "demo", primaryColor: "red", position: "up" as "left" };
    expect(complete(wrong, "https://chat.example", warn)).toMatchObject({
      primaryColor: "#0b6b62",
      position: "end",
    });
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe("languages", () => {
  test.each([
    [["de-AT", "en"], "de", "ltr"],
    [["fr", "ar-EG"], "ar", "rtl"],
    [["fr", undefined, ""], "en", "ltr"],
    [["constructor"], "en", "ltr"],
  ])("of %j it speaks %s", (wanted, language, direction) => {
    expect(choose(wanted)).toMatchObject({ language, direction });
  });

  test.each([
    ["de", de],
    ["ar", ar],
  ])("%s says everything, in words of its own", (language, texts) => {
    const flat = (value: object): [string, string][] =>
      Object.entries(value).flatMap(([key, word]) =>
        typeof word === "object"
          ? flat(word as object)
          : [[key, typeof word === "function" ? String((word as (x: number) => string)(7)) : String(word)]],
      );
    const english = new Map(flat(en));
    const same = flat(texts).filter(([key, word]) => english.get(key) === word);
    // Words that are the same in both languages.
    const shared = language === "de" ? ["emoji", "online", "agent"] : [];
    expect(same.map(([key]) => key).filter((key) => !shared.includes(key))).toEqual([]);
  });
});

describe("words for what happened", () => {
  const texts = textsOf(choose(["en"]));
  const step = (event: string, agent?: string) => {
    const body = {
      kind: "SYSTEM",
      event,
      text: "as the hub says",
      ...(agent ? { agent: { name: agent } } : {}),
    };
    return { body } as unknown as Message;
  };

  test("steps are said in the customer's language, unknown ones as the hub says them", () => {
    expect(stepText(step("CONVERSATION_ACCEPTED", "Sam"), texts)).toBe("Sam joined the chat");
    expect(stepText(step("CONVERSATION_TRANSFERRED"), texts)).toBe("Your chat is being passed on");
    expect(stepText(step("CONVERSATION_STARTED"), texts)).toBeUndefined();
    expect(stepText(step("OF_A_LATER_VERSION"), texts)).toBe("as the hub says");
  });

  test("a transcript has a line for everything that was said", () => {
    const message = (mine: boolean, name: string, text: string): Message => ({
      key: text,
      clientId: text,
      channel: "conv.c",
      note: false,
      author: { id: name, name },
      at: Date.UTC(2026, 0, 2, 12),
      body: { kind: "TEXT", text },
      mine,
    });
    const ended = { ...message(false, "system", ""), body: { kind: "chat_ended" } } as unknown as Message;
    const messages = [message(true, "Asha", "Hello"), message(false, "Sam", "Hi"), ended];
    const text = transcript({ texts, locale: choose(["en-GB"]) }, messages);
    expect(text).toMatch(/^\[.*2026.*\] You: Hello\n\[.*\] Sam: Hi\n$/);
    expect(hasEnded(messages)).toBe(true);
  });
});

test("addresses of pages are links, and nothing else is", () => {
  const links = (text: string) => pieces(text).flatMap(({ href }) => href ?? []);
  expect(links("see https://a.example/x?y=1, then http://b.example.")).toEqual([
    "https://a.example/x?y=1",
    "http://b.example",
  ]);
  expect(links("(https://a.example/help)")).toEqual(["https://a.example/help"]);
  expect(links("javascript:alert(1) data:text/html,x ftp://c http://")).toEqual([]);
  const text = "a https://a.example b";
  expect(
    pieces(text)
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});

test("a chat of an earlier page is known", () => {
  const keep = (memory: unknown) => localStorage.setItem("confab.widget.demo", JSON.stringify(memory));
  expect(hasChat("demo")).toBe(false);
  keep({ chat: { conversationId: "" } });
  expect(hasChat("demo")).toBe(false);
  keep({ chat: { conversationId: "c" } });
  expect(hasChat("demo")).toBe(true);
  keep({ starting: { message: "hi" } });
  expect(hasChat("demo")).toBe(true);
  localStorage.setItem("confab.widget.demo", "{");
  expect(hasChat("demo")).toBe(false);
});
