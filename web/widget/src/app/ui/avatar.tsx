// A person, by the first letters of their names.
export function Avatar({ name, here }: { name: string; here?: boolean }) {
  const letters = name
    .split(/\s+/)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word))
    .map((word) => [...word][0] ?? "")
    .slice(0, 2)
    .join("");
  return (
    <span class="avatar" aria-hidden="true" data-here={here}>
      {letters.toUpperCase()}
    </span>
  );
}
