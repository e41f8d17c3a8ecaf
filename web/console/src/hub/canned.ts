// Canned messages for the composer.

import type { Conversation } from "./types";

export interface Canned {
  key: string;
  title: string;
  text: string;
  insert: string;
}

const NONE: readonly Canned[] = [];

export function useCanned(_conversation: Conversation, _wanted: boolean): readonly Canned[] {
  return NONE;
}
