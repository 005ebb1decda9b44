import { isGitHubError, type GitHub } from "@pullwright/github";
import type { Repository, Stores } from "@pullwright/persistence";
import { authorityOf } from "@pullwright/intake";
import {
  ignored,
  settledBefore,
  type Handled,
  type News,
  type NotYet,
} from "./handled.js";
import type { PipelineEvent } from "./pipeline-event.js";
import { readAhead } from "./read-ahead.js";
import { refused } from "./refused.js";
import { asSeen, seenAt } from "./as-seen.js";
import type { RunStarter } from "./start-run.js";

type Labeled = Extract<PipelineEvent, { kind: "labeled" }>;

/** A label that asks for a run. Whoever put it there, and whether it is still there, is asked from GitHub. */
export class LabelTrigger {
  constructor(
    private readonly github: GitHub,
    private readonly starter: RunStarter,
    private readonly stores: Stores,
  ) {}

  async handle(
    { issueNumber, label, workflow, ...told }: Labeled,
    repository: Repository,
    { id: deliveryId }: News,
  ): Promise<Handled | NotYet> {
    const read = () => readAhead(this.github, repository, issueNumber);
    // Nobody waits for what a poll finds, and most of it a webhook has settled already.
    const ahead = told.seen === null ? null : read();
    // The webhook names no event, and its sender is no proof: the issue's own history tells who did it.
    const found = await Promise.all([
      this.github.issues.get(repository, issueNumber),
      this.github.issues.lastLabeled(repository, issueNumber, label),
    ]).catch(nullWhenGone);
    if (found === null) return ignored("the issue is gone");
    const [issue, event] = found;
    if (issue.isPullRequest) return ignored("it is a pull request");
    if (issue.state === "closed") return ignored("the issue is closed");
    const wanted = label.toLowerCase();
    if (!issue.labels.some((name) => name.toLowerCase() === wanted))
      return ignored("the label is no longer on the issue");
    if (event === undefined)
      return {
        verdict: "not_yet",
        reason: "the issue's events do not show the label yet",
      };
    const cause = `label:${repository.githubId.toString()}:${event.id.toString()}`;
    const settled = await this.stores.deliveries.settledCause(cause);
    if (settled !== null) return settledBefore(cause, settled);
    const authority = await authorityOf(event.actor, repository, this.github);
    if (!authority.may)
      return refused(this.stores, {
        cause,
        repository,
        issueNumber,
        actor: event.actor.login,
        source: "label",
        reason: authority.reason,
      });
    const seen = seenAt(event, told);
    return this.starter.start({
      cause,
      source: "label",
      deliveryId,
      repository,
      issue: asSeen(issue, seen),
      ahead: ahead ?? read(),
      isAsSeen: seen !== null,
      actor: event.actor,
      askedAt: event.createdAt,
      workflow,
      agent: null,
      model: null,
      budgetUsd: null,
    });
  }
}

/** For what may have been deleted since it was reported. */
export function nullWhenGone(error: unknown): null {
  if (isGitHubError(error, "not_found")) return null;
  throw error;
}
