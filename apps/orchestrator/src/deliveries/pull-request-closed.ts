import { isEnded } from "@pullwright/domain";
import type { GitHub } from "@pullwright/github";
import type { LoadedRun, Repository, Stores } from "@pullwright/persistence";
import { reach } from "@pullwright/platform";
import { ignored, type Handled, type News, type NotYet } from "./handled.js";
import { nullWhenGone } from "./label-trigger.js";
import type { PipelineEvent } from "./pipeline-event.js";
import type { UnwantedRuns } from "./unwanted-runs.js";

type Closed = Extract<PipelineEvent, { kind: "pull_request_closed" }>;

/**
 * Notes which pull requests of ours were taken, so that their costs are told apart, and ends a run that was still at
 * work on one: it has been taken as it was. Both also where the issue stays open.
 */
export class PullRequestClosed {
  constructor(
    private readonly stores: Pick<Stores, "ledger" | "runs">,
    private readonly github: GitHub,
    private readonly unwanted: UnwantedRuns,
  ) {}

  async handle(
    { number }: Closed,
    repository: Repository,
    news: News,
  ): Promise<Handled | NotYet> {
    const name = nameOf(number);
    const adwId = await this.stores.ledger.ownerOfUnmerged(
      repository.id,
      number,
    );
    const run = adwId === null ? null : await this.stores.runs.byAdwId(adwId);
    if (run === null)
      return ignored(`${name} concerns no run, or is known to be merged`);
    const pull = await this.#read(repository, number);
    // Whether it was merged is read, not believed, and GitHub's record may lag behind its webhook.
    if (pull?.state === "open")
      return { verdict: "not_yet", reason: `${name} is open` };
    if (pull?.isMerged !== true)
      return ignored(`${name} of run ${run.adwId} was closed unmerged`);
    return this.#merged(run, repository, number, news);
  }

  /**
   * Looks whether the run's pull request was merged, whatever anybody reported. A merge that is known already is no
   * news: the run was retried since, and what it does now is shown in another pull request.
   */
  async compare(
    run: LoadedRun,
    repository: Repository,
    news?: News,
  ): Promise<Handled | NotYet> {
    const number = run.pullRequestNumber;
    if (number === null) return ignored("the run has no pull request");
    const { ledger } = this.stores;
    if ((await ledger.ownerOfUnmerged(repository.id, number)) === null)
      return ignored(`${nameOf(number)} is known to be merged`);
    const pull = await this.#read(repository, number);
    return pull?.isMerged === true
      ? this.#merged(run, repository, number, news)
      : ignored(`${nameOf(number)} is not merged`);
  }

  #read(repository: Repository, number: number) {
    return this.github.pulls.get(repository, number).catch(nullWhenGone);
  }

  async #merged(
    run: LoadedRun,
    repository: Repository,
    number: number,
    news: News | undefined,
  ): Promise<Handled | NotYet> {
    const ended = isEnded(run.state.status)
      ? null
      : await this.unwanted.cancel(
          run,
          repository,
          "Its pull request was merged while the run was live.",
          news,
        );
    if (ended?.verdict === "not_yet") return ended;
    if (ended !== null) reach("orchestrator.merged-cancelled-not-noted");
    // Last, since what is known to be merged is not looked at again.
    await this.stores.ledger.pullRequestMerged(repository.id, number);
    return ended?.verdict === "moved"
      ? ended
      : ignored(
          `${nameOf(number)} of run ${run.adwId} was merged, which is noted with its costs`,
        );
  }
}

function nameOf(number: number): string {
  return `pull request #${number.toString()}`;
}
