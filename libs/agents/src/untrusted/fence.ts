import { randomBytes } from "node:crypto";
import { AppError } from "@pullwright/platform";

const TRIES = 100;

/**
 * A mark that occurs in none of the texts. 128 random bits cannot be guessed by whoever wrote them beforehand; that they
 * do not occur by chance either is checked, not hoped.
 */
export function fenceMark(
  texts: readonly string[],
  draw: () => string = randomMark,
): string {
  for (let tries = 0; tries < TRIES; tries++) {
    const mark = draw();
    if (mark !== "" && !texts.some((text) => text.includes(mark))) return mark;
  }
  throw new AppError(
    "no_fence_mark",
    `No mark in ${TRIES} draws that does not occur in the text: the source of randomness is broken.`,
  );
}

/** The text between lines that only we can have written. */
export function fenced(mark: string, label: string, text: string): string {
  return `BEGIN ${label} ${mark}\n${text}\nEND ${label} ${mark}`;
}

function randomMark(): string {
  return randomBytes(16).toString("hex");
}
