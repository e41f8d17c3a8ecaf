// A text with parts of it marked, as the search gives them: places, never markup.

import type { ReactNode } from "react";
import type { Highlight } from "../hub/awaited";

export function Marked({ text, places }: { text: string; places: readonly Highlight[] }) {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const { start, end } of [...places].sort((a, b) => a.start - b.start)) {
    if (start < from || end > text.length) continue;
    parts.push(text.slice(from, start), <mark key={start}>{text.slice(start, end)}</mark>);
    from = end;
  }
  parts.push(text.slice(from));
  return <>{parts}</>;
}
