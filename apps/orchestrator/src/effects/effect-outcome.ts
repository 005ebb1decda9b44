import type { RunEvent } from "@pullwright/domain";

/** How an effect's turn ends when GitHub did what it was asked; what it refuses is thrown. */
export type EffectOutcome =
  /** What stands outside is at least as new as the revision that was claimed. */
  | {
      readonly kind: "applied";
      /** What it became outside: a comment's id, a pull request's number. */
      readonly externalId?: string;
      readonly result?: Readonly<Record<string, unknown>>;
      /** What the run must hear; told before the effect counts as done, so that a crash in between only repeats it. */
      readonly news?: EffectNews;
    }
  /** Not now: an earlier write may still arrive, or was found never to have arrived. */
  | {
      readonly kind: "later";
      readonly at: Date;
      readonly reason: string;
      /** Whether the end of an earlier write is still unknown. */
      readonly uncertain: boolean;
    }
  /** This revision can never be applied. */
  | { readonly kind: "given_up"; readonly reason: string };

/** A fact for the run that came out of an effect. */
export type EffectEvent = Extract<
  RunEvent,
  { type: "published" | "publish_failed" }
>;

/** A fact for the run, with what goes into its columns besides. */
export interface EffectNews {
  readonly event: EffectEvent;
  readonly pullRequestNumber?: number;
}

export const applied: EffectOutcome = { kind: "applied" };
