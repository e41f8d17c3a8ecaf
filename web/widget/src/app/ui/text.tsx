// What somebody wrote: plain text, with addresses of pages as links.

const ADDRESS = /https?:\/\/[^\s<>"']+/g;
/** Signs that end a sentence rather than an address. */
const AFTER = /[.,:;!?)\]}»”]+$/;

interface Piece {
  text: string;
  href?: string;
}

/** Cuts a text into plain pieces and addresses. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(AFTER, "");
    if (!URL.canParse(address)) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

export function Text({ text }: { text: string }) {
  return (
    <p class="text">
      <span dir="auto">
        {pieces(text).map(({ text: piece, href }, index) =>
          href ? (
            <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
              {piece}
            </a>
          ) : (
            piece
          ),
        )}
      </span>
    </p>
  );
}
