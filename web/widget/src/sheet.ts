// Styles in a shadow root, without anything that a strict content policy forbids.

/** Adds a style sheet to a shadow root. */
export function adopt(shadow: ShadowRoot, css: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
}
