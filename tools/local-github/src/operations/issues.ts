import { userShape } from "../shapes/user-shape.js";
import type {
  Actor,
  Issue,
  PullRequest,
  Repository,
  User,
} from "../state/model.js";
import type { World } from "../state/world.js";
import { emitIssue } from "./emit-issue.js";
import { recordEvent, recordMentions } from "./issue-events.js";
import { addLabels } from "./labels.js";

interface NewIssue {
  readonly title: string;
  readonly body: string | null;
  readonly labels?: readonly string[];
  readonly assignees?: readonly User[];
}

/** Adds an issue, or the issue half of a pull request, to a repository without telling anyone. */
export function addIssue(
  world: World,
  repository: Repository,
  input: NewIssue,
  actor: Actor,
  pull?: PullRequest,
): Issue {
  const now = world.now();
  const issue: Issue = {
    id: world.nextId(),
    number: repository.issues.size + 1,
    author: actor,
    createdAt: now,
    title: input.title,
    body: input.body,
    state: "open",
    stateReason: null,
    labels: [],
    assignees: [],
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    blockedBy: [],
    reactions: [],
    ...(pull ? { pull } : {}),
  };
  repository.issues.set(issue.number, issue);
  recordMentions(world, repository, issue, actor, input.body);
  return issue;
}

/** Opens an issue: `opened` first, then one `labeled` for each label, as GitHub sends them. */
export function openIssue(
  world: World,
  repository: Repository,
  input: NewIssue,
  actor: Actor,
): Issue {
  const issue = addIssue(world, repository, input, actor);
  emitIssue(world, repository, issue, "opened", actor);
  addLabels(world, repository, issue, input.labels ?? [], actor);
  assign(world, repository, issue, input.assignees ?? [], actor);
  return issue;
}

/** Changes title or body; `edited` tells what they were. */
export function editIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  change: {
    readonly title?: string | undefined;
    readonly body?: string | null | undefined;
  },
  actor: Actor,
): void {
  const was = { title: issue.title, body: issue.body };
  if (change.title !== undefined) issue.title = change.title;
  if (change.body !== undefined) issue.body = change.body;
  const renamed = issue.title !== was.title;
  const rewritten = issue.body !== was.body;
  if (!renamed && !rewritten) return;

  issue.updatedAt = world.now();
  if (renamed)
    recordEvent(world, repository, issue, actor, "renamed", {
      rename: { from: was.title, to: issue.title },
    });
  recordMentions(world, repository, issue, actor, issue.body);
  emitIssue(world, repository, issue, "edited", actor, {
    changes: {
      ...(renamed ? { title: { from: was.title } } : {}),
      ...(rewritten ? { body: { from: was.body ?? "" } } : {}),
    },
  });
}

export function closeIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  actor: Actor,
  reason: "completed" | "not_planned" | "duplicate" = "completed",
): void {
  if (issue.state === "closed") return;
  issue.state = "closed";
  issue.stateReason = issue.pull ? null : reason;
  issue.closedAt = issue.updatedAt = world.now();
  issue.closedBy = actor.user;
  recordEvent(world, repository, issue, actor, "closed", {
    stateReason: issue.stateReason,
  });
  emitIssue(world, repository, issue, "closed", actor);
}

export function reopenIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  actor: Actor,
): void {
  if (issue.state === "open") return;
  issue.state = "open";
  issue.stateReason = issue.pull ? null : "reopened";
  issue.closedAt = null;
  issue.closedBy = null;
  issue.updatedAt = world.now();
  recordEvent(world, repository, issue, actor, "reopened", {
    stateReason: issue.stateReason,
  });
  emitIssue(world, repository, issue, "reopened", actor);
}

export function assign(
  world: World,
  repository: Repository,
  issue: Issue,
  users: readonly User[],
  actor: Actor,
): void {
  for (const assignee of users) {
    if (issue.assignees.includes(assignee)) continue;
    issue.assignees = [...issue.assignees, assignee];
    issue.updatedAt = world.now();
    recordEvent(world, repository, issue, actor, "assigned", { assignee });
    emitIssue(world, repository, issue, "assigned", actor, {
      assignee: userShape(world.urls, assignee),
    });
  }
}

export function unassign(
  world: World,
  repository: Repository,
  issue: Issue,
  users: readonly User[],
  actor: Actor,
): void {
  for (const assignee of users) {
    if (!issue.assignees.includes(assignee)) continue;
    issue.assignees = issue.assignees.filter(
      (candidate) => candidate !== assignee,
    );
    issue.updatedAt = world.now();
    recordEvent(world, repository, issue, actor, "unassigned", { assignee });
    emitIssue(world, repository, issue, "unassigned", actor, {
      assignee: userShape(world.urls, assignee),
    });
  }
}
