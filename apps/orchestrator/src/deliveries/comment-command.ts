import { parseComment } from "@pullwright/domain";
import type { GitHub, Issue } from "@pullwright/github";
import type { Repository, Stores } from "@pullwright/persistence";
import type { Answers } from "./answers.js";
import { authorityOf, OUR_MARKER } from "@pullwright/intake";
import {
  ignored,
  settledBefore,
  type Handled,
  type News,
  type NotYet,
} from "./handled.js";
import { nullWhenGone } from "./label-trigger.js";
import type { PipelineEvent } from "./pipeline-event.js";
import { readAhead } from "./read-ahead.js";
import { refused } from "./refused.js";
import type { RunCommands } from "./run-commands.js";
import { asSeen } from "./as-seen.js";
import type { RunStarter } from "./start-run.js";

type Commented = Extract<PipelineEvent, { kind: "commented" }>;

export interface CommentCommandParts {
  readonly github: GitHub;
  readonly stores: Stores;
  readonly answers: Answers;
  readonly starter: RunStarter;
  readonly commands: RunCommands;
}

/** A comment that may hold a command. Then it is fetched again: what counts is what stands there now, by whom. */
export class CommentCommand {
  constructor(private readonly parts: CommentCommandParts) {}

  async handle(
    { commentId, issueNumber: reportedNumber, body: reported, seen }: Commented,
    repository: Repository,
    { id: deliveryId }: News,
  ): Promise<Handled | NotYet> {
    const { github, stores, answers, starter, commands } = this.parts;
    const cause = `comment:${repository.githubId.toString()}:${commentId.toString()}`;
    // Most comments are talk, or ours. GitHub is not asked for those: had one become a command since, that was an edit.
    const told = reported === null ? null : commandIn(reported);
    if (told !== null && "nothing" in told)
      return ignored(told.nothing, { cause });
    const settled = await stores.deliveries.settledCause(cause);
    if (settled !== null) return settledBefore(cause, settled);
    const comment = await github.comments
      .get(repository, commentId)
      .catch(nullWhenGone);
    if (comment === null) return ignored("the comment is gone", { cause });
    // An edit is never a new command, and a text that changed since is not the one that was meant. GitHub's times are
    // whole seconds, so a quick edit shows in the text alone.
    const isEdited =
      comment.updatedAt !== comment.createdAt ||
      (reported !== null && reported !== comment.body);
    if (isEdited) return ignored("the comment was edited", { cause });
    const command = commandIn(comment.body);
    if ("nothing" in command) return ignored(command.nothing, { cause });
    const authority = await authorityOf(comment.author, repository, github);
    if (!authority.may)
      return refused(stores, {
        cause,
        repository,
        issueNumber: reportedNumber,
        actor: comment.author.login,
        source: "comment",
        reason: authority.reason,
      });

    const issue = await this.#issueOf(
      repository,
      comment.issueNumber ?? reportedNumber,
    );
    if (issue === null)
      return ignored("it belongs to no issue of ours", { cause });
    const question = {
      cause,
      repositoryId: repository.id,
      issueNumber: issue.number,
    };
    if ("mistake" in command)
      return answers.give(
        question,
        command.mistake,
        "the command has a mistake",
      );
    if (command.name !== "adw")
      return commands.handle(command, {
        question,
        repository,
        actor: comment.author.login,
        askedAt: comment.createdAt,
        deliveryId,
      });
    if (issue.state === "closed")
      return answers.give(
        question,
        "This issue is closed. Reopen it, then ask again.",
        "the issue is closed",
      );
    return starter.start({
      ...command,
      cause,
      source: "comment",
      deliveryId,
      repository,
      // A comment on a pull request was written under another text.
      issue: comment.isOnPullRequest ? issue : asSeen(issue, seen),
      ahead: readAhead(github, repository, issue.number),
      isAsSeen: !comment.isOnPullRequest && seen !== null,
      actor: comment.author,
      askedAt: comment.createdAt,
    });
  }

  /** The issue itself, or for a comment on a pull request of ours, the issue of its run. */
  async #issueOf(
    repository: Repository,
    number: number,
  ): Promise<Issue | null> {
    const { github, stores } = this.parts;
    const issue = await github.issues
      .get(repository, number)
      .catch(nullWhenGone);
    if (issue?.isPullRequest !== true) return issue;
    const pull = await github.pulls.get(repository, number);
    const adwId = /^pullwright\/\d{1,10}-([a-z0-9]{8})-/.exec(
      pull.headBranch,
    )?.[1];
    const run = adwId === undefined ? null : await stores.runs.byAdwId(adwId);
    if (run?.repository.id !== repository.id || run.issueNumber === null)
      return null;
    return github.issues.get(repository, run.issueNumber).catch(nullWhenGone);
  }
}

/** What a text asks for, or why for nothing, whoever wrote it. */
function commandIn(body: string) {
  if (body.includes(OUR_MARKER)) return { nothing: "the comment is ours" };
  return parseComment(body) ?? { nothing: "the comment is no command" };
}
