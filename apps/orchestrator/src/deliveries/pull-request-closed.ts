import type { GitHub } from "@pullwright/github";
import type { Repository, Stores } from "@pullwright/persistence";
import { ignored, type Handled, type NotYet } from "./handled.js";
import { nullWhenGone } from "./label-trigger.js";
import type { PipelineEvent } from "./pipeline-event.js";

type Closed = Extract<PipelineEvent, { kind: "pull_request_closed" }>;

/** Notes which pull requests of ours were taken: their costs are told apart, whether or not their issue is closed. */
export class PullRequestClosed {
  constructor(
    private readonly stores: Pick<Stores, "ledger">,
    private readonly github: GitHub,
  ) {}

  async handle(
    { number }: Closed,
    repository: Repository,
  ): Promise<Handled | NotYet> {
    const name = `pull request #${number.toString()}`;
    const { ledger } = this.stores;
    const adwId = await ledger.ownerOfUnmerged(repository.id, number);
    if (adwId === null)
      return ignored(`${name} concerns no run, or is known to be merged`);
    const pull = await this.github.pulls
      .get(repository, number)
      .catch(nullWhenGone);
    // Whether it was merged is read, not believed, and GitHub's record may lag behind its webhook.
    if (pull?.state === "open")
      return { verdict: "not_yet", reason: `${name} is open` };
    if (pull?.isMerged !== true)
      return ignored(`${name} of run ${adwId} was closed unmerged`);
    await ledger.pullRequestMerged(repository.id, number);
    return ignored(
      `${name} of run ${adwId} was merged, which is noted with its costs`,
    );
  }
}
