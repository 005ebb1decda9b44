import type { Piece } from "../prompts/material.js";

/** A part of a prompt that may be shortened, and how far. Our task, the standing rules and the title are none. */
interface Shrinkable {
  readonly section: string;
  /** The labels of its pieces, or how they begin. */
  readonly labels: RegExp;
  /** Which end says the most. */
  readonly keep: "start" | "end";
  /** Characters of each piece that the first round leaves. */
  readonly atFirst: number;
  /** Characters of each piece that the last round leaves; 0: the piece may go. */
  readonly atLeast: number;
}

/**
 * In the order in which they are shortened: first what only helps, last what says what is to be done.
 */
export const shrinkOrder: readonly Shrinkable[] = [
  part("log of an earlier try", /^LOG OF AN EARLIER TRY$/, "end", 2_000),
  part(
    "change of an earlier try",
    /^CHANGE OF AN EARLIER TRY$/,
    "start",
    2_000,
  ),
  part("test output", /^TEST OUTPUT$/, "end", 4_000),
  part("comments", /^COMMENT BY /, "start", 1_000),
  part("handoffs", /^HANDOFF OF AN EARLIER PHASE$/, "start", 2_000),
  part("progress", /^PROGRESS OF THE RUN$/, "end", 2_000),
  part(
    "failure of an earlier try",
    /^FAILURE OF AN EARLIER TRY$/,
    "start",
    500,
  ),
  part("plan", /^PLAN$/, "start", 8_000),
  part("conflicting files", /^CONFLICTING FILES$/, "start", 4_000, 1_000),
  part("note", /^NOTE OF A MAINTAINER$/, "start", 2_000, 500),
  // Its title and labels stand first.
  part("issue", /^ISSUE$/, "start", 8_000, 2_000),
];

function part(
  section: string,
  labels: RegExp,
  keep: Shrinkable["keep"],
  atFirst: number,
  atLeast = 0,
): Shrinkable {
  return { section, labels, keep, atFirst, atLeast };
}

/** The piece with at most so many characters of its text, and a line that says how many are missing; null when none are left. */
export function shorten(
  piece: Piece,
  characters: number,
  keep: "start" | "end",
): Piece | null {
  const over = piece.text.length - characters;
  if (over <= 0) return piece;
  if (characters === 0) return null;
  const missing = `[${over.toString()} characters left out to fit the model's window]`;
  const text =
    keep === "end"
      ? `${missing}\n${piece.text.slice(-characters)}`
      : `${piece.text.slice(0, characters)}\n${missing}`;
  return text.length < piece.text.length ? { ...piece, text } : piece;
}
