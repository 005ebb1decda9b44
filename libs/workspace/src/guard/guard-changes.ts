import type { Change } from "../git/changes.js";
import { GITLINK, isFile, NOTHING, SYMLINK } from "../git/modes.js";
import type { GuardPolicy } from "./guard-policy.js";
import { badPath, caseCollisions, escapingSymlink } from "./path-rules.js";
import { matchesAny } from "./path-pattern.js";
import type { Violation } from "./violation.js";

/** The facts that the guards look at. */
export interface ProposedChange {
  readonly changes: readonly Change[];
  /** Every path of the tree as it would be. */
  readonly allPaths: readonly string[];
  /** Size by path, of what is added or modified. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Target by path, of the symbolic links that are added or modified. */
  readonly linkTargets: ReadonlyMap<string, string>;
}

/** Everything that speaks against a change. Pure: the runner asks before it pushes, the orchestrator before it publishes. */
export function guardChanges(
  proposed: ProposedChange,
  policy: GuardPolicy,
): Violation[] {
  const { changes } = proposed;
  const added = changes
    .filter((change) => change.status === "added")
    .map((change) => change.path);
  return [
    ...changes.flatMap((change) => badPath(change.path) ?? []),
    ...protectedPaths(changes, policy),
    ...changes.flatMap(badMode),
    ...caseCollisions(added, proposed.allPaths),
    ...[...proposed.linkTargets].flatMap(
      ([path, target]) => escapingSymlink(path, target) ?? [],
    ),
    ...tooMuch(proposed, policy),
  ];
}

/** Changed paths that a person should look at. */
export function pathsForReview(
  changes: readonly Change[],
  policy: GuardPolicy,
): string[] {
  return changes
    .map((change) => change.path)
    .filter((path) => matchesAny(path, policy.review));
}

function protectedPaths(
  changes: readonly Change[],
  policy: GuardPolicy,
): Violation[] {
  return changes
    .filter((change) => matchesAny(change.path, policy.block))
    .map(({ path }) => ({
      rule: "protected_path",
      path,
      message: `${path} is protected by this repository's policy.`,
    }));
}

function badMode({ path, oldMode, newMode }: Change): Violation[] {
  if (newMode === GITLINK || oldMode === GITLINK) {
    return [
      {
        rule: "nested_repository",
        path,
        message: `${path} is a repository of its own.`,
      },
    ];
  }
  if (newMode === NOTHING || isFile(newMode) || newMode === SYMLINK) return [];
  return [
    { rule: "bad_mode", path, message: `${path} has the mode ${newMode}.` },
  ];
}

function tooMuch(
  { changes, bytes }: ProposedChange,
  policy: GuardPolicy,
): Violation[] {
  const violations: Violation[] = [];
  if (changes.length > policy.maxFiles) {
    violations.push({
      rule: "too_many_files",
      path: null,
      message: `${changes.length} files are changed; ${policy.maxFiles} are allowed.`,
    });
  }
  let totalBytes = 0;
  for (const [path, size] of bytes) {
    totalBytes += size;
    const large = fileTooLarge(path, size, policy);
    if (large) violations.push(large);
  }
  const tooLarge = changeTooLarge(totalBytes, policy);
  return tooLarge ? [...violations, tooLarge] : violations;
}

export function fileTooLarge(
  path: string,
  bytes: number,
  policy: GuardPolicy,
): Violation | undefined {
  if (bytes <= policy.maxFileBytes) return undefined;
  return {
    rule: "file_too_large",
    path,
    message: `${path} has ${bytes} bytes; ${policy.maxFileBytes} are allowed.`,
  };
}

export function changeTooLarge(
  bytes: number,
  policy: GuardPolicy,
): Violation | undefined {
  if (bytes <= policy.maxTotalBytes) return undefined;
  return {
    rule: "change_too_large",
    path: null,
    message: `The changed files have ${bytes} bytes; ${policy.maxTotalBytes} are allowed.`,
  };
}
