// What is said in each language.
import type { Locale } from "../locale";
import { ar } from "./ar";
import { de } from "./de";
import { en, type Texts } from "./en";

const ALL: Record<Locale["language"], Texts> = { en, de, ar };

/** Everything that is said in a language. */
export function textsOf(locale: Locale): Texts {
  return ALL[locale.language];
}

export type { Texts };
