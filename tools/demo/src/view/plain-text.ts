/** What others wrote as one line that cannot steer the terminal: no escape sequences, no control characters. */
export function oneLine(text: string): string {
  return text
    .replace(/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*\u0007?|.)/g, "")
    .replaceAll("\t", "  ")
    .replace(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]+/g, " ")
    .trimEnd();
}

/** At most `width` columns; what is cut is marked. */
export function cut(text: string, width: number): string {
  const letters = Array.from(text);
  return letters.length <= width
    ? text
    : `${letters.slice(0, Math.max(0, width - 1)).join("")}…`;
}
