import type { StatusLabel } from "@pullwright/github";
import type { RunStatus } from "@pullwright/domain";
import { reach } from "@pullwright/platform";
import type { RunLoader } from "../stores.js";
import type { EffectSurroundings, RunEffect } from "./effect-context.js";
import { applied, type EffectOutcome } from "./effect-outcome.js";

const running: StatusLabel = {
  name: "pullwright:running",
  color: "1d76db",
  description: "Pullwright works on this issue",
};

/** The one label that an issue carries for each status of its latest run. */
export const statusLabels: Readonly<Record<RunStatus, StatusLabel>> = {
  pending: running,
  running,
  waiting: {
    name: "pullwright:waiting",
    color: "fbca04",
    description: "Pullwright waits; its comment says for what",
  },
  completed: {
    name: "pullwright:completed",
    color: "0e8a16",
    description: "Pullwright's run completed",
  },
  failed: {
    name: "pullwright:failed",
    color: "d93f0b",
    description: "Pullwright's run failed; its comment says why",
  },
  cancelled: {
    name: "pullwright:cancelled",
    color: "c5def5",
    description: "Pullwright's run was cancelled",
  },
};

/** Makes the issue's `pullwright:` label that of its latest run; another run's effect leaves it alone. */
export async function applyLabels(
  { run }: RunEffect,
  { github }: EffectSurroundings,
  runs: RunLoader,
): Promise<EffectOutcome> {
  const { repository, issueNumber } = run;
  if (issueNumber === null) return applied;
  const latest = await runs.latestOfIssue(repository.id, issueNumber);
  if (latest !== null && latest.id !== run.id) return applied;
  await github.labels.setStatus(repository, issueNumber, [
    statusLabels[run.state.status],
  ]);
  reach("orchestrator.labels-set-not-recorded");
  return applied;
}
