import { defused } from "./plain-text.js";

/** A fenced block that its content cannot leave: the fence is longer than any run of backticks inside. */
export function fenced(
  content: string,
  secrets: readonly string[],
  options: {
    readonly maxLength: number;
    readonly keep?: "head" | "tail";
    readonly language?: string;
  },
): string {
  const text = shorten(defused(content, secrets), options);
  const longest = (text.match(/`+/g) ?? []).reduce(
    (most, run) => Math.max(most, run.length),
    2,
  );
  const fence = "`".repeat(longest + 1);
  return `${fence}${options.language ?? "text"}\n${text}\n${fence}`;
}

function shorten(
  text: string,
  {
    maxLength,
    keep = "tail",
  }: { readonly maxLength: number; readonly keep?: "head" | "tail" },
): string {
  const trimmed = text.replace(/\s+$/, "");
  if (trimmed.length <= maxLength) return trimmed;
  return keep === "tail"
    ? `… (cut)\n${trimmed.slice(-maxLength)}`
    : `${trimmed.slice(0, maxLength)}\n… (cut)`;
}

/** A block that opens at a click. The summary must be safe Markdown already. */
export function collapsed(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
}
