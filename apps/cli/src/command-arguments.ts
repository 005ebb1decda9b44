import { isAdwId } from "@pullwright/domain";
import { InvalidArgumentError } from "commander";
import { parseIssueReference } from "./commands/issue-reference.js";

/** What every command takes. */
export interface JsonOption {
  readonly json?: boolean;
}

// The parsers of what is given as text; each refusal says what is right.

export function adwId(text: string): string {
  if (isAdwId(text)) return text;
  throw new InvalidArgumentError("It is no run's id, such as k7m2x9qd.");
}

export function issue(text: string) {
  const reference = parseIssueReference(text);
  if (reference) return reference;
  throw new InvalidArgumentError("Write 12, owner/name#12 or its address.");
}

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

/** For what the API does not check because it is not told. */
export function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number >= 1) return number;
  throw new InvalidArgumentError("It must be at least 1.");
}

/** For an option that may be given several times. */
export function severalOf(
  text: string,
  before: readonly string[] = [],
): readonly string[] {
  return [...before, text];
}

export function amount(text: string): number {
  if (/^\$?\d{1,6}(?:\.\d{1,4})?$/.test(text))
    return Number(text.replace("$", ""));
  throw new InvalidArgumentError("It must be an amount in US dollars.");
}
