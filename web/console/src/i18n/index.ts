// What the console says: texts are written in English where they stand, and looked up here in the chosen language.
// A text that a language lacks, or that no language knows, is an error of the compiler.

import type { de } from "./de";
import { english, type Plural, type Plurals } from "./plurals";

/** A text, by its English. Parts in braces are filled in. */
export type Text = keyof typeof de;

export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;

type Values = Record<string, string | number>;

interface Catalogue {
  language: Language;
  /** Tag for dates and numbers: the browser's own of this language, such as British English. */
  tag: string | undefined;
  texts: Partial<Record<string, string>>;
  plurals: Plurals;
}

let catalogue: Catalogue = { language: "en", tag: undefined, texts: {}, plurals: english };

/** The first of the browser's languages that is spoken here. */
export function usualLanguage(wanted: readonly string[]): Language {
  const spoken = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return (spoken.find((tag) => Object.hasOwn(LANGUAGES, tag)) as Language | undefined) ?? "en";
}

/** Loads a language. To be awaited before anything is drawn; another one begins with a page that is loaded anew. */
export async function speak(language: Language): Promise<void> {
  const tag = navigator.languages.find((other) => other.toLowerCase().split("-")[0] === language) ?? language;
  if (language === "de") {
    const { de, plurals } = await import("./de");
    catalogue = { language, tag, texts: de, plurals };
  } else if (language === "ar") {
    const { ar, plurals } = await import("./ar");
    catalogue = { language, tag, texts: ar, plurals };
  } else {
    catalogue = { language, tag, texts: {}, plurals: english };
  }
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
}

/** Tag for dates and numbers. */
export function localeTag(): string | undefined {
  return catalogue.tag;
}

export function language(): Language {
  return catalogue.language;
}

/** A text in the chosen language. */
export function t(text: Text, values?: Values): string {
  return filled(catalogue.texts[text] ?? text, values);
}

/** A word that the hub uses, when it is known; otherwise as it is. */
export function known(word: string): string {
  return Object.hasOwn(catalogue.texts, word) ? (catalogue.texts[word] ?? word) : word;
}

/** A text that depends on a number. */
export function counted(name: Plural, n: number): string {
  const forms = catalogue.plurals[name];
  const form = new Intl.PluralRules(catalogue.language).select(n);
  return filled(forms[form] ?? forms.other, { n: number(n) });
}

/** A number as it is written in the chosen language. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(catalogue.tag, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

function filled(text: string, values: Values | undefined): string {
  return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text;
}
