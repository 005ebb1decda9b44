import type { Stripped } from "./finding.js";

const tag = /(`?)<(\/?)details\b([^<>]{0,200})>/gi;
const summary = /<summary[^<>]{0,200}>([^<]{1,300})/i;

/**
 * Takes out `<details>` blocks that start closed: whoever approved the issue by a glance has not seen them. Their summary,
 * which is seen, stays. A tag right after a backtick is talk about the tag.
 */
export function stripCollapsed(text: string): Stripped {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  let start = 0;
  let count = 0;
  for (const match of text.matchAll(tag)) {
    const [whole, backtick, slash, attributes = ""] = match;
    if (slash === "") {
      if (backtick !== "" || (depth === 0 && /\bopen\b/i.test(attributes)))
        continue;
      if (depth === 0) start = match.index;
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      parts.push(
        text.slice(from, start),
        replacement(text, start, match.index),
      );
      from = match.index + whole.length;
      count += 1;
    }
  }
  if (depth > 0) {
    parts.push(text.slice(from, start), replacement(text, start, text.length));
    from = text.length;
    count += 1;
  }
  return { text: parts.join("") + text.slice(from), count };
}

function replacement(text: string, start: number, end: number): string {
  const label = summary
    .exec(text.slice(start, Math.min(end, start + 1000)))?.[1]
    ?.trim();
  return `[collapsed block${label ? ` "${label}"` : ""} removed, ${end - start} characters]`;
}
