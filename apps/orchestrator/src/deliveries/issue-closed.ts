import { isEnded } from "@pullwright/domain";
import type { GitHub, Issue } from "@pullwright/github";
import type { LoadedRun, Repository, Stores } from "@pullwright/persistence";
import { ignored, type Handled, type News, type NotYet } from "./handled.js";
import { nullWhenGone } from "./label-trigger.js";
import type { PipelineEvent } from "./pipeline-event.js";
import type { PullRequestClosed } from "./pull-request-closed.js";
import type { UnwantedRuns } from "./unwanted-runs.js";

type Closed = Extract<PipelineEvent, { kind: "issue_closed" }>;

/** Ends the live run of an issue that is closed or gone: nobody waits for it any more. */
export class IssueClosed {
  constructor(
    private readonly stores: Pick<Stores, "runs">,
    private readonly github: GitHub,
    private readonly pullRequests: PullRequestClosed,
    private readonly unwanted: UnwantedRuns,
  ) {}

  async handle(
    { issueNumber, senderId }: Closed,
    repository: Repository,
    news: News,
  ): Promise<Handled | NotYet> {
    const self = await this.github.identity();
    if (self?.type === "Bot" && senderId === self.id)
      return ignored("we closed it ourselves");
    const run = await this.stores.runs.latestOfIssue(
      repository.id,
      issueNumber,
    );
    if (run === null) return ignored("the issue has no live run");
    // A merged pull request closes its issue; where its own delivery was lost, this one tells.
    const merge = await this.pullRequests.compare(run, repository, news);
    if (merge.verdict !== "ignored") return merge;
    return isEnded(run.state.status)
      ? ignored("the issue has no live run")
      : this.compare(run, repository, news);
  }

  /** Cancels the run unless its issue is open, whatever anybody reported. */
  async compare(
    run: LoadedRun,
    repository: Repository,
    news?: News,
  ): Promise<Handled | NotYet> {
    if (run.issueNumber === null) return ignored("the run has no issue");
    const issue = await this.github.issues
      .get(repository, run.issueNumber)
      .catch(nullWhenGone);
    return issue?.state === "open"
      ? ignored("the issue is open")
      : this.unwanted.cancel(run, repository, reasonFor(issue), news);
  }
}

function reasonFor(issue: Issue | null): string {
  return issue === null ? "The issue is gone." : "The issue was closed.";
}
