/** Texts as Postgres writes an array of them. */
export const textArray = (texts: readonly unknown[]): string =>
  `{${texts.map((text) => quoted(String(text))).join(",")}}`;

/** One element of it; Postgres's text holds no NUL. */
export function quoted(text: string): string {
  if (!/["\\\0]/.test(text)) return `"${text}"`;
  return `"${text.replaceAll("\0", "\u2400").replace(/["\\]/g, "\\$&")}"`;
}
