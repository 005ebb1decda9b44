import type { GitHub } from "@pullwright/github";
import type { Delivery, Repository, Stores } from "@pullwright/persistence";
import type { Blockers } from "./blockers.js";
import type { CommentCommand } from "./comment-command.js";
import { ignored, type Handled, type News, type NotYet } from "./handled.js";
import type { IssueClosed } from "./issue-closed.js";
import type { LabelTrigger } from "./label-trigger.js";
import { readDelivery, type PipelineEvent } from "./pipeline-event.js";
import type { PullRequestClosed } from "./pull-request-closed.js";

export interface EventRouterParts {
  readonly stores: Pick<Stores, "repositories">;
  readonly github: Pick<GitHub, "isInstalledBy">;
  readonly labels: LabelTrigger;
  readonly comments: CommentCommand;
  readonly closings: IssueClosed;
  readonly pullRequests: PullRequestClosed;
  readonly blockers: Blockers;
}

/** Brings a delivery to whoever knows what to do with it. */
export class EventRouter {
  constructor(private readonly parts: EventRouterParts) {}

  async handle(delivery: Delivery): Promise<Handled | NotYet> {
    const { stores, github, labels, comments, pullRequests } = this.parts;
    const { event, installationId } = readDelivery(delivery);
    if (event.kind === "of_no_interest") return ignored(event.reason);
    if (delivery.repositoryId === null)
      return ignored("the delivery names no repository");
    // By GitHub's id: a name may have been given to another repository since.
    const repository = await stores.repositories.byGithubId(
      delivery.repositoryId,
    );
    if (repository === null) return ignored("the repository is not served");
    if (!repository.enabled) return ignored("the repository is switched off");
    if (
      installationId !== null &&
      !(await github.isInstalledBy(installationId, repository))
    )
      return ignored("the App's installation is not the repository's");
    switch (event.kind) {
      case "labeled":
        return labels.handle(event, repository, delivery);
      case "commented":
        return comments.handle(event, repository, delivery);
      case "issue_closed":
        return this.#closed(event, repository, delivery);
      case "pull_request_closed":
        return pullRequests.handle(event, repository, delivery);
    }
  }

  /** The issue's own run ends; those of the issues that it blocked may go on. */
  async #closed(
    event: Extract<PipelineEvent, { kind: "issue_closed" }>,
    repository: Repository,
    news: News,
  ): Promise<Handled | NotYet> {
    const { closings, blockers } = this.parts;
    const own = await closings.handle(event, repository, news);
    const freed = await blockers.closed(repository, event.issueNumber, news);
    return own.verdict === "ignored" ? (freed ?? own) : own;
  }
}
