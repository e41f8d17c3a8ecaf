// Ids that nobody else makes.

/** A random id: 32 hexadecimal digits. Works where the page is not a secure context, too. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
