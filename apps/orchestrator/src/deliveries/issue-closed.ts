import { isEnded } from "@pullwright/domain";
import type { GitHub, Issue } from "@pullwright/github";
import type { LoadedRun, Repository, Stores } from "@pullwright/persistence";
import type { Announce } from "../announce.js";
import { policyOf } from "../policy.js";
import { ignored, leftToNewer, type Handled, type NotYet } from "./handled.js";
import { nullWhenGone } from "./label-trigger.js";
import type { PipelineEvent } from "./pipeline-event.js";

type Closed = Extract<PipelineEvent, { kind: "issue_closed" }>;

/** Ends the live run of an issue that is closed or gone: nobody waits for it any more. */
export class IssueClosed {
  constructor(
    private readonly stores: Stores,
    private readonly github: GitHub,
    private readonly announce: Announce,
    /** This process, as the one who cancels. */
    private readonly owner: string,
  ) {}

  async handle(
    { issueNumber, senderId }: Closed,
    repository: Repository,
  ): Promise<Handled | NotYet> {
    const self = await this.github.identity();
    if (self.type === "Bot" && senderId === self.id)
      return ignored("we closed it ourselves");
    const run = await this.stores.runs.latestOfIssue(
      repository.id,
      issueNumber,
    );
    if (run !== null) await this.#noteMerge(run);
    if (run === null || isEnded(run.state.status))
      return ignored("the issue has no live run");
    return this.compare(run, repository);
  }

  /** A merged pull request closes its issue; where its own delivery was lost, this one tells. */
  async #noteMerge({
    repository,
    pullRequestNumber,
  }: LoadedRun): Promise<void> {
    if (pullRequestNumber === null) return;
    const pull = await this.github.pulls
      .get(repository, pullRequestNumber)
      .catch(nullWhenGone);
    if (pull?.isMerged === true)
      await this.stores.ledger.pullRequestMerged(
        repository.id,
        pullRequestNumber,
      );
  }

  /** Cancels the run unless its issue is open, whatever anybody reported. */
  async compare(
    run: LoadedRun,
    repository: Repository,
  ): Promise<Handled | NotYet> {
    if (run.issueNumber === null) return ignored("the run has no issue");
    const issue = await this.github.issues
      .get(repository, run.issueNumber)
      .catch(nullWhenGone);
    if (issue?.state === "open") return ignored("the issue is open");
    if (!policyOf(repository).cancelOnClose)
      return ignored("the policy keeps runs of closed issues");
    const answer = await this.stores.transitions.apply(run.id, {
      event: {
        type: "cancel_requested",
        by: this.owner,
        reason: reasonFor(issue),
      },
      by: { actor: this.owner },
    });
    if (answer.kind === "refused" && answer.reason === "newer_version")
      return leftToNewer(answer.message);
    if (answer.kind !== "applied")
      return ignored(
        answer.kind === "refused" ? answer.message : "the run is gone",
      );
    await this.announce(answer);
    return {
      verdict: "moved",
      reason: `cancel of run ${run.adwId}`,
      runId: run.id,
    };
  }
}

function reasonFor(issue: Issue | null): string {
  return issue === null
    ? "The issue is gone."
    : "The issue was closed while the run was live.";
}
