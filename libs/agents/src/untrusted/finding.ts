/** What was found in a text from outside and taken out of it, or only noticed. */
export const findingKinds = [
  "truncated",
  "control_characters",
  "zero_width",
  "bidi",
  "tag_characters",
  /** A word that mixes Latin letters with look-alikes of another script; kept as it is. */
  "mixed_script",
  "html_comment",
  "collapsed_block",
  /** Text that a reader of the page does not see: alternative texts, titles, attributes, link definitions. */
  "hidden_text",
] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  /** Which text, such as `body` or `comment 3`. */
  readonly where: string;
  readonly kind: FindingKind;
  readonly count: number;
}

/** A text with what one pass over it took out. */
export interface Stripped {
  readonly text: string;
  readonly count: number;
}
