import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../../design/tokens.css", import.meta.url), "utf8");

/** The colours of a scheme. */
function scheme(which: "light" | "dark"): Map<string, string> {
  const pairs = css.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g);
  return new Map(
    [...pairs].map(([, name = "", light = "", dark = ""]) => [name, which === "light" ? light : dark]),
  );
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const TEXTS: [string, string[]][] = [
  ["text", ["bg", "surface", "surface-2", "surface-3", "accent-soft", "danger-soft"]],
  ["text-2", ["bg", "surface", "surface-2", "surface-3", "accent-soft"]],
  ["text-3", ["bg", "surface", "surface-2", "surface-3", "accent-soft"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["accent-text", ["surface", "surface-2", "surface-3", "accent-soft"]],
  ["on-danger", ["danger"]],
  ["note-text", ["note", "surface"]],
  ["danger-text", ["danger-soft", "surface"]],
  ["warn-text", ["warn-soft", "surface", "surface-2", "surface-3"]],
  ["ok-text", ["ok-soft", "surface"]],
  ["info-text", ["info-soft", "surface"]],
  ...[0, 1, 2, 3, 4, 5].map((hue): [string, string[]] => [`hue-${hue}-text`, [`hue-${hue}`]]),
];

describe.each(["light", "dark"] as const)("the %s scheme", (which) => {
  const colours = scheme(which);
  const colour = (name: string) => {
    const value = colours.get(name);
    if (!value) throw new Error(`--${name} is missing`);
    return value;
  };

  it.each(TEXTS.flatMap(([text, backs]) => backs.map((back) => [text, back] as const)))(
    "--%s can be read on --%s",
    (text, back) => {
      expect(contrast(colour(text), colour(back))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each([
    "line-strong",
    "focus",
    "ok",
    "warn",
    "danger",
    "chart-1",
    "chart-2",
    "chart-3",
    "chart-4",
    "chart-5",
    "chart-6",
  ])("--%s stands out from panels", (name) => {
    for (const back of ["surface", "surface-2"])
      expect(contrast(colour(name), colour(back))).toBeGreaterThanOrEqual(3);
  });
});
