import { invalid } from "../http/http-error.js";
import { labelShape } from "../shapes/label-shape.js";
import type { Actor, Issue, Label, Repository } from "../state/model.js";
import type { World } from "../state/world.js";
import { emitIssue } from "./emit-issue.js";
import { recordEvent } from "./issue-events.js";

const DEFAULT_COLOR = "ededed";

/** Labels are one name whatever the case; the first spelling stays. */
const key = (name: string) => name.toLowerCase();

export const findLabel = (
  repository: Repository,
  name: string,
): Label | undefined => repository.labels.get(key(name));

export function createLabel(
  world: World,
  repository: Repository,
  input: {
    readonly name: string;
    readonly color?: string | undefined;
    readonly description?: string | undefined;
  },
): Label {
  if (findLabel(repository, input.name))
    throw invalid({ resource: "Label", code: "already_exists", field: "name" });
  const color = (input.color ?? DEFAULT_COLOR).replace(/^#/, "").toLowerCase();
  if (!/^[0-9a-f]{6}$/.test(color))
    throw invalid({ resource: "Label", code: "invalid", field: "color" });
  const label: Label = {
    id: world.nextId(),
    name: input.name,
    color,
    description: input.description ?? null,
  };
  repository.labels.set(key(input.name), label);
  return label;
}

/** Puts labels on an issue, making those that the repository has not; one event and one webhook for each that is new. */
export function addLabels(
  world: World,
  repository: Repository,
  issue: Issue,
  names: readonly string[],
  actor: Actor,
): void {
  for (const name of names) {
    const label =
      findLabel(repository, name) ?? createLabel(world, repository, { name });
    if (issue.labels.includes(label)) continue;
    issue.labels = [...issue.labels, label];
    issue.updatedAt = world.now();
    recordEvent(world, repository, issue, actor, "labeled", { label });
    emitIssue(world, repository, issue, "labeled", actor, {
      label: labelShape(world.urls, repository, label),
    });
  }
}

/** Takes a label off an issue; false when it was not on it. */
export function removeLabel(
  world: World,
  repository: Repository,
  issue: Issue,
  name: string,
  actor: Actor,
): boolean {
  const label = issue.labels.find(
    (candidate) => key(candidate.name) === key(name),
  );
  if (label === undefined) return false;
  issue.labels = issue.labels.filter((candidate) => candidate !== label);
  issue.updatedAt = world.now();
  recordEvent(world, repository, issue, actor, "unlabeled", { label });
  emitIssue(world, repository, issue, "unlabeled", actor, {
    label: labelShape(world.urls, repository, label),
  });
  return true;
}

export function setLabels(
  world: World,
  repository: Repository,
  issue: Issue,
  names: readonly string[],
  actor: Actor,
): void {
  const wanted = new Set(names.map(key));
  for (const label of issue.labels) {
    if (!wanted.has(key(label.name)))
      removeLabel(world, repository, issue, label.name, actor);
  }
  addLabels(world, repository, issue, names, actor);
}
