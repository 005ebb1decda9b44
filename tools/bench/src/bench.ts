import type { Stage } from "./stage/stage.js";

/** What a number is held to: a ratio against the floor or the peer, or a bound for its own value. */
export type Target =
  | { readonly ratioAtLeast: number }
  | { readonly ratioAtMost: number }
  /** Of a time, which a busy machine makes longer. */
  | { readonly valueAtMost: number }
  /** Of a count, which is the same on every machine. */
  | { readonly countAtMost: number };

/** One line of the table. */
export interface Row {
  readonly what: string;
  /** What ours is measured against; null where only the value itself counts. */
  readonly against: { readonly name: string; readonly value: number } | null;
  readonly ours: number;
  readonly unit: string;
  /** Ours by the other's, round by round. */
  readonly ratio: number | null;
  /** Null for what only informs. */
  readonly target: Target | null;
}

/** How much is measured. */
export interface Scale {
  /** Short: a few minutes in all, on smaller data. */
  readonly short: boolean;
  readonly rounds: number;
}

/** One comparison of the product with a floor or a peer in the same run. */
export interface Bench {
  readonly name: string;
  /** Cannot be measured without a Redis. */
  readonly needsRedis: boolean;
  measure(stage: Stage, scale: Scale): Promise<readonly Row[]>;
}
