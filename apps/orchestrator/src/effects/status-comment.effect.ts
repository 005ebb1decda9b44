import { isGitHubError } from "@pullwright/github";
import { reach } from "@pullwright/platform";
import { runMarker } from "../rendering/markers.js";
import { renderStatusComment } from "../rendering/status-comment.js";
import type { EffectSurroundings, RunEffect } from "./effect-context.js";
import { applied, type EffectOutcome } from "./effect-outcome.js";
import { findOurs } from "./find-ours.js";
import { settleEarlier } from "./settle-earlier.js";

/** Our clock and GitHub's may differ by this much. */
export const CLOCK_SLACK_MS = 10 * 60_000;

/** Keeps the run's one status comment: found, edited, or created where there is none. */
export async function applyStatusComment(
  { effect, run, view }: RunEffect,
  { github, uncertaintyMs }: EffectSurroundings,
): Promise<EffectOutcome> {
  const { repository, issueNumber } = run;
  if (issueNumber === null) return applied;
  const body = renderStatusComment(view);
  const update = async (id: number): Promise<EffectOutcome | null> => {
    try {
      await github.comments.update(repository, id, body);
      reach("orchestrator.comment-edited-not-recorded");
      return { kind: "applied", externalId: id.toString() };
    } catch (error) {
      // Somebody deleted it; the run's end must be visible all the same.
      if (isGitHubError(error, "not_found")) return null;
      throw error;
    }
  };

  if (effect.externalId !== null) {
    const updated = await update(Number(effect.externalId));
    if (updated !== null) return updated;
  }
  // An intent may have been acted upon by a process that died, so looking comes first; with an id too, whose comment is gone.
  if (effect.externalId !== null || effect.uncertainSince !== null) {
    const found = await findOurs(github, repository, issueNumber, {
      marker: runMarker(run.adwId),
      since: new Date(run.state.createdAt.getTime() - CLOCK_SLACK_MS),
    });
    const adopted = found === undefined ? null : await update(found.id);
    if (adopted !== null) return adopted;
    const wait = settleEarlier(effect, uncertaintyMs);
    if (wait !== null) return wait;
  }
  const created = await github.comments.create(repository, issueNumber, body);
  reach("orchestrator.comment-created-not-recorded");
  return { kind: "applied", externalId: created.id.toString() };
}
