// Finds links and mentions in a message's text. The text itself is never taken as HTML.

export type Part =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "mention"; text: string };

const FOUND = /(https?:\/\/[^\s<>"']+)|((?<=^|\s)@[\p{L}\p{N}_-]{1,64})/giu;

/** The parts of a text; put together again they are the text. */
export function linked(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  const plain = (to: number) => {
    if (to > from) parts.push({ kind: "text", text: text.slice(from, to) });
  };
  for (const match of text.matchAll(FOUND)) {
    const [whole, url] = match;
    const shown = url ? url.replace(/[.,;:!?)\]}]+$/, "") : whole;
    plain(match.index);
    parts.push(url ? { kind: "link", text: shown, href: shown } : { kind: "mention", text: shown });
    from = match.index + shown.length;
  }
  plain(text.length);
  return parts;
}
