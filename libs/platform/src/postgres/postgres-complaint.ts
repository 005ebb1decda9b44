/** How people do without the folder that an embedded Postgres could not use. */
export const elsewhere =
  "Mend that, set another WORK_DIR, or name a Postgres in DATABASE_URL.";

const LINES = 3;

/** The end of what a Postgres program printed, on one line: why it stopped stands there. */
export function lastLinesOf(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "")
    .slice(-LINES)
    .join(" · ");
}
