import {
  isGitHubError,
  type Account,
  type GitHub,
  type IssueEvent,
} from "@pullwright/github";
import type { Repository, Stores } from "@pullwright/persistence";
import { authorityOf, type Authority } from "@pullwright/intake";
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
    { id: deliveryId, source }: News,
  ): Promise<Handled | NotYet> {
    const read = () => readAhead(this.github, repository, issueNumber);
    // Nobody waits for what a poll finds, and most of it a webhook has settled already.
    const isTold = told.seen !== null;
    const ahead = isTold ? read() : null;
    const sender = isTold ? this.askAhead(told.sender, repository) : null;
    // The webhook names no event, and its sender is no proof: the issue's own history tells who did it.
    const [issue, found] = await Promise.all([
      this.github.issues.get(repository, issueNumber).catch(nullWhenGone),
      this.github.issues.lastLabeled(repository, issueNumber, label),
    ]);
    if (issue === null) return ignored("the issue is gone");
    if (issue.isPullRequest) return ignored("it is a pull request");
    if (issue.state === "closed") return ignored("the issue is closed");
    const wanted = label.toLowerCase();
    if (!issue.labels.some((name) => name.toLowerCase() === wanted))
      return ignored("the label is no longer on the issue");
    if (found === undefined)
      return {
        verdict: "not_yet",
        reason:
          "the server's events of the issue do not show who put the label there",
      };
    const event = found ?? (source === "webhook" ? toldEvent(told) : null);
    if (event === null)
      return ignored("the server keeps no events that show who put it there");
    const cause = causeOf(repository, { issueNumber, label: wanted, ...event });
    const settled = await this.stores.deliveries.settledCause(cause);
    if (settled !== null) return settledBefore(cause, settled);
    const authority = await (sender !== null && isSame(sender, event.actor)
      ? sender.authority
      : authorityOf(event.actor, repository, this.github));
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

  /** Whoever sent a label mostly put it there: what that account may is asked while GitHub still looks up who did. */
  private askAhead(
    sender: Account | null,
    repository: Repository,
  ): AskedAhead | null {
    if (sender === null) return null;
    const authority = authorityOf(sender, repository, this.github);
    authority.catch(() => undefined); // Where nothing begins nobody awaits it.
    return { ...sender, authority };
  }
}

type AskedAhead = Account & { readonly authority: Promise<Authority> };

/** All that {@link authorityOf} asks about. */
function isSame(one: Account, other: Account): boolean {
  return (
    one.id === other.id && one.login === other.login && one.type === other.type
  );
}

type Told = Pick<Labeled, "sender" | "seen">;

/** Who put a label there, and when; with the event's id where the server keeps a history. */
type LabeledBy = Pick<IssueEvent, "actor" | "createdAt"> &
  Partial<Pick<IssueEvent, "id">>;

/** Where the server keeps no history, what the signed delivery tells is all there is. */
function toldEvent({ sender, seen }: Told): LabeledBy | null {
  return sender === null || seen?.updatedAt == null
    ? null
    : { actor: sender, createdAt: seen.updatedAt };
}

/**
 * The same for every delivery of one act (R2). Without an event's id it is the moment that the body tells: a second delivery
 * of it has the same, and polls find nothing where there is no history.
 */
function causeOf(
  { githubId }: Repository,
  {
    id,
    createdAt,
    issueNumber,
    label,
  }: LabeledBy & Pick<Labeled, "issueNumber" | "label">,
): string {
  const act =
    id?.toString() ?? `${issueNumber.toString()}:${createdAt}:${label}`;
  return `label:${githubId.toString()}:${act}`;
}

/** For what may have been deleted since it was reported. */
export function nullWhenGone(error: unknown): null {
  if (isGitHubError(error, "not_found")) return null;
  throw error;
}
