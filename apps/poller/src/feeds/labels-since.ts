import { parseTriggerLabel } from "@pullwright/domain";
import type { GitHub, IssueEvent } from "@pullwright/github";
import type { Repository } from "@pullwright/persistence";
import { nameOf } from "./feed.js";

/** GitHub's clock is not Postgres's. */
export const OVERLAP_MS = 10 * 60_000;

/**
 * Finds on the issues themselves which labels ask for a run, for a gap that the list of events does not span, or where
 * there is no such list.
 *
 * Only open issues that still carry the label can lead to a run; what became of the runs there are, the orchestrator
 * compares by itself. Gives older labels too, of issues that changed otherwise: their events tell when they were put there.
 */
export async function labelsSince(
  { issues }: Pick<GitHub, "issues">,
  repository: Repository,
  since: Date,
): Promise<IssueEvent[]> {
  const name = nameOf(repository);
  const from = new Date(since.getTime() - OVERLAP_MS);
  const found: IssueEvent[] = [];
  for await (const page of issues.changedSince(name, from)) {
    for (const { state, isPullRequest, labels, number } of page) {
      if (state !== "open" || isPullRequest) continue;
      for (const label of labels.filter(parseTriggerLabel)) {
        const event = await issues.lastLabeled(name, number, label);
        if (event) found.push(event);
      }
    }
  }
  return found.sort((a, b) => a.id - b.id);
}
