import { redact } from "@pullwright/platform";
import { findSecrets } from "@pullwright/workspace";

/** Nothing a reader sees, but enough to keep GitHub from reading a name or a number as a reference. */
const BREAK = "\u200b";

/** Marks that hide or reorder text: zero-width, bidirectional, tag characters, and control characters but line ends and tabs. */
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0e\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e0fff}]/gu;

/** A keyword before an issue's address; before a number, breaking the number is enough. */
const CLOSING = /\b(clos|fix|resolv)(?=(?:e|es|ed)?[\s:]{1,10}https?:)/gi;
const NUMBER = /(#|\bGH-)(?=\d)/gi;

const WITHHELD = "(withheld: it seems to hold a credential)";

/**
 * Text without what hides, what is secret, and what would close or refer to an issue. Linear in its length.
 *
 * A secret that stands there plainly is blacked out; text that holds one in disguise is withheld as a whole.
 */
export function defused(text: string, secrets: readonly string[]): string {
  const shown = redact(text.replace(HIDDEN, ""), secrets);
  if (findSecrets(shown, secrets).length > 0) return WITHHELD;
  return shown.replace(CLOSING, `$1${BREAK}`).replace(NUMBER, `$1${BREAK}`);
}

/**
 * Strangers' text as one line of Markdown that shows it and does nothing else: no markup, no HTML, no mention, no
 * reference.
 */
export function inline(
  text: string,
  secrets: readonly string[],
  maxLength = 300,
): string {
  const line = clip(
    defused(text.slice(0, 20_000), secrets).replace(/\s+/g, " ").trim(),
    maxLength,
  );
  return line
    .replace(/[\\`*_{}[\]()#+!|~<>&$^=:-]/g, escaped)
    .replaceAll("@", `@${BREAK}`);
}

/** HTML is escaped as HTML: a backslash before `<` is not enough inside a table or a `<summary>`. */
function escaped(character: string): string {
  switch (character) {
    case "<":
      return "&lt;";
    case ">":
      return "&gt;";
    case "&":
      return "&amp;";
    default:
      return `\\${character}`;
  }
}

/** A title for GitHub's own plain-text field: one line, at most 200 characters, no mention, no reference. */
export function plainTitle(title: string, secrets: readonly string[]): string {
  const line = defused(title.slice(0, 5_000), secrets)
    .replace(/\s+/g, " ")
    .trim()
    .replaceAll("@", `@${BREAK}`);
  return clip(line, 200);
}

/** Cuts between characters, never within a surrogate pair. */
export function clip(text: string, maxLength: number): string {
  return text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
