import type { Finding, FindingKind } from "./finding.js";
import { countMixedScripts, stripCharacters } from "./strip-characters.js";
import { stripCollapsed } from "./strip-collapsed.js";
import { stripComments } from "./strip-comments.js";
import { stripHiddenText } from "./strip-hidden-text.js";

export interface NormaliseOptions {
  /** Names the text in findings. */
  readonly where: string;
  readonly maxLength: number;
  /** Which end of a long text to keep; the end is what counts of a log. */
  readonly keep?: "start" | "end";
  /** Markdown hides text in ways that a log does not, and a log may well hold `<!--`. */
  readonly markdown: boolean;
}

export interface NormalisedText {
  readonly text: string;
  readonly findings: readonly Finding[];
}

/**
 * A text from outside, reduced to what a person would have seen. The size is capped before anything else looks at it
 * and every pass is linear, so that no issue can hold up the process.
 *
 * This lowers the odds of an injection; it is no wall. What an obeyed injection can do is decided by the sandbox, the
 * guards before the push and the missing token.
 */
export function normaliseUntrusted(
  raw: string,
  options: NormaliseOptions,
): NormalisedText {
  const counts = new Map<FindingKind, number>();
  const found = (kind: FindingKind, count: number) => {
    if (count > 0) counts.set(kind, (counts.get(kind) ?? 0) + count);
  };
  let text = stripCharacters(capped(raw, options, found), found);
  if (options.markdown) {
    for (const [kind, pass] of [
      ["html_comment", stripComments],
      ["collapsed_block", stripCollapsed],
      ["hidden_text", stripHiddenText],
      // What was taken out since may have joined two halves of a comment's start.
      ["html_comment", stripComments],
    ] as const) {
      const stripped = pass(text);
      found(kind, stripped.count);
      text = stripped.text;
    }
  }
  found("mixed_script", countMixedScripts(text));
  return {
    text: text.trim(),
    findings: Array.from(counts, ([kind, count]) => ({
      where: options.where,
      kind,
      count,
    })),
  };
}

function capped(
  raw: string,
  options: NormaliseOptions,
  found: (kind: FindingKind, count: number) => void,
): string {
  const over = raw.length - options.maxLength;
  if (over <= 0) return raw;
  found("truncated", over);
  return options.keep === "end"
    ? `[${over} characters left out]\n${raw.slice(-options.maxLength)}`
    : `${raw.slice(0, options.maxLength)}\n[${over} characters left out]`;
}

/** A title: one line, and no longer than GitHub allows. */
export function normaliseTitle(raw: string): NormalisedText {
  const { text, findings } = normaliseUntrusted(raw, {
    where: "title",
    maxLength: 256,
    markdown: true,
  });
  return { text: text.replace(/\s+/g, " "), findings };
}
