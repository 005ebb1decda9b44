import type { Delivery, Repository, Stores } from "@pullwright/persistence";
import type { Blockers } from "./blockers.js";
import type { CommentCommand } from "./comment-command.js";
import { ignored, type Handled, type NotYet } from "./handled.js";
import type { IssueClosed } from "./issue-closed.js";
import type { LabelTrigger } from "./label-trigger.js";
import { toPipelineEvent, type PipelineEvent } from "./pipeline-event.js";
import type { PullRequestClosed } from "./pull-request-closed.js";

/** Brings a delivery to whoever knows what to do with it. */
export class EventRouter {
  constructor(
    private readonly stores: Stores,
    private readonly labels: LabelTrigger,
    private readonly comments: CommentCommand,
    private readonly closings: IssueClosed,
    private readonly pullRequests: PullRequestClosed,
    private readonly blockers: Blockers,
  ) {}

  async handle(delivery: Delivery): Promise<Handled | NotYet> {
    const event = toPipelineEvent(delivery);
    if (event.kind === "of_no_interest") return ignored(event.reason);
    if (delivery.repositoryId === null)
      return ignored("the delivery names no repository");
    // By GitHub's id: a name may have been given to another repository since.
    const repository = await this.stores.repositories.byGithubId(
      delivery.repositoryId,
    );
    if (repository === null) return ignored("the repository is not served");
    if (!repository.enabled) return ignored("the repository is switched off");
    switch (event.kind) {
      case "labeled":
        return this.labels.handle(event, repository);
      case "commented":
        return this.comments.handle(event, repository);
      case "issue_closed":
        return this.#closed(event, repository);
      case "pull_request_closed":
        return this.pullRequests.handle(event, repository);
    }
  }

  /** The issue's own run ends; those of the issues that it blocked may go on. */
  async #closed(
    event: Extract<PipelineEvent, { kind: "issue_closed" }>,
    repository: Repository,
  ): Promise<Handled | NotYet> {
    const own = await this.closings.handle(event, repository);
    const freed = await this.blockers.closed(repository, event.issueNumber);
    return own.verdict === "ignored" ? (freed ?? own) : own;
  }
}
