import { noSuch } from "../http/http-error.js";
import { mergePull, type MergeMethod } from "../operations/merge.js";
import { pullDetail } from "../operations/pull-detail.js";
import { checkRunShape } from "../shapes/check-shape.js";
import { fullPullShape, isPull, pullShape } from "../shapes/pull-shape.js";
import { combinedStatusShape } from "../shapes/status-shape.js";
import type { World } from "../state/world.js";

/** Pull requests and what is said of their commits. */
export const pulls = (world: World) => ({
  async getPull(repo: string, number: number) {
    const repository = world.repository(repo);
    const issue = world.issue(repository, number);
    if (!isPull(issue)) return noSuch(`pull request ${number}`);
    return fullPullShape(
      world.urls,
      repository,
      issue,
      await pullDetail(repository, issue),
    );
  },

  /** Oldest first; all of them unless `state` says otherwise. */
  listPulls(repo: string, state: "open" | "closed" | "all" = "all") {
    const repository = world.repository(repo);
    return [...repository.issues.values()]
      .filter(isPull)
      .filter((issue) => state === "all" || issue.state === state)
      .map((issue) => pullShape(world.urls, repository, issue));
  },

  /** Merges as a person does by the button. Returns the commit on the base branch. */
  mergePull(
    repo: string,
    number: number,
    actor: string,
    method: MergeMethod = "merge",
  ): Promise<string> {
    const repository = world.repository(repo);
    const issue = world.issue(repository, number);
    if (!isPull(issue)) return noSuch(`pull request ${number}`);
    return mergePull(
      world,
      repository,
      issue,
      { method },
      { user: world.user(actor) },
    );
  },

  combinedStatus(repo: string, sha: string) {
    return combinedStatusShape(world.urls, world.repository(repo), sha);
  },

  checkRuns(repo: string, sha: string) {
    const repository = world.repository(repo);
    const runs = [...repository.checkRuns.values()].filter(
      (run) => run.sha === sha,
    );
    return runs.map((run) => checkRunShape(world.urls, repository, run));
  },
});
