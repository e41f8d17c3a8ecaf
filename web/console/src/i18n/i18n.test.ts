// Nothing is said past the catalogue: what people read, in texts and in what screen readers say, goes through it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";
import { describe, expect, test } from "vitest";
import { ar, plurals as arabic } from "./ar";
import { de, plurals as german } from "./de";
import { counted, known, t, usualLanguage } from "./index";
import { english } from "./plurals";

const SOURCES = new URL("..", import.meta.url).pathname;
/** Attributes that people read or hear. */
const SPOKEN =
  /^(alt|title|label|hint|placeholder|what|reason|action|about|empty|text|name|aria-(label|description|roledescription))$/;
/** A field's name as the hub has it, which nobody reads. */
const FIELD = /^[a-z][a-z_.]*$/;
/** Names that are the same in every language. */
const NAMES = new Set(["Confab", "CSV", "dialog-form"]);

interface Node {
  type: string;
  value?: unknown;
  name?: { name?: unknown };
  [part: string]: unknown;
}

/** What a source says by itself. */
function saidPast(code: string): string[] {
  const found: string[] = [];
  const speaks = (text: unknown) =>
    typeof text === "string" && /\p{L}/u.test(text) && !NAMES.has(text.trim());
  const look = (part: unknown): void => {
    if (Array.isArray(part)) {
      for (const each of part) look(each);
      return;
    }
    if (typeof part !== "object" || part === null) return;
    const node = part as Node;
    if (node.type === "JSXText" && speaks(node.value)) found.push(String(node.value).trim());
    if (node.type === "JSXAttribute" && SPOKEN.test(String(node.name?.name))) {
      const value = node.value as Node | null;
      const isField = node.name?.name === "name" && FIELD.test(String(value?.value));
      if (value?.type === "Literal" && speaks(value.value) && !isField) found.push(String(value.value));
      const inside = value?.expression as
        | { type?: string; quasis?: { value: { raw: string } }[] }
        | undefined;
      if (inside?.type === "TemplateLiteral" && inside.quasis?.some((piece) => speaks(piece.value.raw))) {
        found.push(inside.quasis.map((piece) => piece.value.raw).join("…"));
      }
    }
    Object.values(node).forEach(look);
  };
  look(parseAst(code, { lang: "tsx" }));
  return found;
}

describe("the catalogue", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".tsx"),
  );

  test.each(files)("%s says nothing past it", (name) => {
    expect(saidPast(readFileSync(join(SOURCES, name), "utf8"))).toEqual([]);
  });

  test("a text in a component is found", () => {
    expect(saidPast('const a = <p title="Hello" lang="de">Good day {name}</p>;')).toEqual([
      "Hello",
      "Good day",
    ]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a source that is looked at
    expect(saidPast("const a = <p title={`Hello ${name}`} />;")).toEqual(["Hello …"]);
  });

  test("each language fills in what English fills in", () => {
    const parts = (text: string) => [...text.matchAll(/(?<!\{)\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const [text, german] of Object.entries(de)) {
      expect(parts(german), text).toEqual(parts(text));
      expect(parts(ar[text as keyof typeof de]), text).toEqual(parts(text));
    }
  });

  test("Arabic is written in Arabic", () => {
    const own = new Set(["Markdown.", "Webhooks"]);
    for (const [text, arabic] of Object.entries(ar)) {
      if (!own.has(text)) expect(/\p{Script=Arabic}/u.test(arabic) || text === "Webhook", text).toBe(true);
    }
  });

  test("every form of a number that a language has is there or said by the general one", () => {
    for (const [language, forms] of [
      ["en", english],
      ["de", german],
      ["ar", arabic],
    ] as const) {
      const has = new Set<string>(new Intl.PluralRules(language).resolvedOptions().pluralCategories);
      for (const each of Object.values(forms)) {
        expect(
          [...Object.keys(each)].filter((form) => !has.has(form)),
          language,
        ).toEqual([]);
      }
    }
  });

  test("English is what stands in the source", () => {
    expect(t("Accept {name}", { name: "Asha" })).toBe("Accept Asha");
    expect([counted("answers", 1), counted("answers", 1200)]).toEqual(["1 answer", "1,200 answers"]);
    expect(known("constructor")).toBe("constructor");
    expect([usualLanguage(["fr-FR", "ar-EG"]), usualLanguage(["fr"])]).toEqual(["ar", "en"]);
  });
});
