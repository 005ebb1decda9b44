/**
 * Finds the next match of a pattern at or after a position, for positions that only grow.
 *
 * Asking `indexOf` anew from every start is quadratic when the end never comes (65 KB of `![` took seconds in such
 * scanners). Remembering the last answer makes all searches together one pass over the text.
 */
export class ForwardFinder {
  private found = -2;

  /** `pattern` must have the flag `g` and match in constant time at each position. */
  constructor(
    private readonly text: string,
    private readonly pattern: RegExp,
  ) {}

  /** The index of the match, or -1. */
  next(from: number): number {
    if (this.found === -1 || this.found >= from) return this.found;
    this.pattern.lastIndex = from;
    this.found = this.pattern.exec(this.text)?.index ?? -1;
    return this.found;
  }
}
