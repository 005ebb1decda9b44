import type { GitHub } from "@pullwright/github";
import type { ClaimedEffect, LoadedRun } from "@pullwright/persistence";
import type { RunView } from "../rendering/run-view.js";

/** What every effect works with. */
export interface EffectSurroundings {
  readonly github: GitHub;
  readonly uncertaintyMs: number;
}

/** An effect of a run, with the run as it is now: never older than the revision that was claimed. */
export interface RunEffect {
  readonly effect: ClaimedEffect;
  readonly run: LoadedRun;
  readonly view: RunView;
}
