import type { ClaimedEffect, Repository } from "@pullwright/persistence";
import { reach } from "@pullwright/platform";
import { replyMarker } from "../rendering/markers.js";
import type { EffectSurroundings } from "./effect-context.js";
import type { EffectOutcome } from "./effect-outcome.js";
import { findOurs } from "./find-ours.js";
import { settleEarlier } from "./settle-earlier.js";
import { CLOCK_SLACK_MS } from "./status-comment.effect.js";

/** Writes a one-off answer, once. */
export async function applyReply(
  effect: ClaimedEffect,
  repository: Repository,
  { github, uncertaintyMs }: EffectSurroundings,
): Promise<EffectOutcome> {
  const { issueNumber, desired, uncertainSince } = effect;
  if (issueNumber === null || desired === null)
    return { kind: "given_up", reason: "the answer has no issue or no text" };
  const marker = replyMarker(effect.target);
  if (uncertainSince !== null) {
    const found = await findOurs(github, repository, issueNumber, {
      marker,
      since: new Date(uncertainSince.getTime() - CLOCK_SLACK_MS),
    });
    if (found !== undefined)
      return { kind: "applied", externalId: found.id.toString() };
    const wait = settleEarlier(effect, uncertaintyMs);
    if (wait !== null) return wait;
  }
  const body = `${desired.body}\n\n${marker}`;
  const created = await github.comments.create(repository, issueNumber, body);
  reach("orchestrator.reply-created-not-recorded");
  return { kind: "applied", externalId: created.id.toString() };
}
