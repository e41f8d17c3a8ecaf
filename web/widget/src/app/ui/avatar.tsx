// A person, by their picture where there is one, and by the first letters of their names.
import { useState } from "preact/hooks";

/** Pictures that there are not: asked for once. */
const missing = new Set<string>();

export function Avatar({
  name,
  here,
  picture,
}: {
  name: string;
  here?: boolean;
  picture?: string | undefined;
}) {
  const [, setMissing] = useState<string>();
  const letters = name
    .split(/\s+/)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word))
    .map((word) => [...word][0] ?? "")
    .slice(0, 2)
    .join("");
  return (
    <span class="avatar" aria-hidden="true" data-here={here}>
      {letters.toUpperCase()}
      {picture && !missing.has(picture) ? (
        <img
          src={picture}
          alt=""
          onError={() => {
            missing.add(picture);
            setMissing(picture);
          }}
        />
      ) : null}
    </span>
  );
}
