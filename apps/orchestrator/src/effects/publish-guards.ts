import type { FailureClass } from "@pullwright/domain";
import type { ChangedFile, GitHub } from "@pullwright/github";
import type { LoadedRun } from "@pullwright/persistence";
import {
  findSecrets,
  guardChanges,
  pathsForReview,
  type Change,
  type GuardPolicy,
} from "@pullwright/workspace";

/** What the look at a branch has come to: why it may not be published, or what people should look at when it is. */
export type BranchCheck =
  | {
      readonly kind: "held_back";
      readonly failureClass: Extract<FailureClass, "policy" | "conflict">;
      readonly message: string;
    }
  | {
      readonly kind: "clear";
      /** Changed paths that the policy names for a person's look. */
      readonly review: readonly string[];
    };

/** What a branch is held to. */
export interface GuardRules {
  readonly policy: GuardPolicy;
  /** Our own credentials, in whatever disguise. */
  readonly secrets: readonly string[];
}

const MAX_NAMED = 5;

/**
 * Looks at what the branch really holds on GitHub before it becomes a pull request. The runner has looked before it
 * pushed, at the files themselves; but a branch can change afterwards, and two looks are better than one.
 */
export async function checkBranch(
  github: GitHub,
  run: LoadedRun,
  headSha: string,
  { policy, secrets }: GuardRules,
): Promise<BranchCheck> {
  const { repository, branch, baseBranch } = run;
  const head = await github.repositories.headOf(repository, branch);
  if (head === undefined) return conflict(`The branch ${branch} is gone.`);
  if (head !== headSha)
    return conflict(
      `The branch ${branch} is at ${head.slice(0, 10)}, not at the run's own commit ${headSha.slice(0, 10)}: somebody else pushed to it.`,
    );
  const { files, isTruncated } = await github.repositories.compare(
    repository,
    baseBranch,
    headSha,
  );
  if (isTruncated)
    return {
      kind: "held_back",
      failureClass: "policy",
      message: `The branch changes ${files.length.toString()} files or more, which is more than GitHub shows, so it cannot be checked.`,
    };
  const changes = files.flatMap(changesOf);
  const problems = [
    ...guardChanges(
      {
        changes,
        // GitHub tells neither sizes nor link targets here; the runner has checked them.
        allPaths: files.map(({ path }) => path),
        bytes: new Map(),
        linkTargets: new Map(),
      },
      policy,
    ).map(({ message }) => message),
    ...files.flatMap((file) => secretsIn(file, secrets)),
  ];
  if (problems.length === 0)
    return { kind: "clear", review: pathsForReview(changes, policy) };
  const more = problems.length - MAX_NAMED;
  return {
    kind: "held_back",
    failureClass: "policy",
    message: `${problems.slice(0, MAX_NAMED).join(" ")}${more > 0 ? ` And ${more.toString()} more.` : ""}`,
  };
}

const conflict = (message: string): BranchCheck => ({
  kind: "held_back",
  failureClass: "conflict",
  message,
});

/** A renamed file leaves its old place, which may be a protected one. */
function changesOf(file: ChangedFile): Change[] {
  const { path, previousPath, status, additions, deletions } = file;
  const change = (changed: string, kind: Change["status"]): Change => ({
    path: changed,
    status: kind,
    oldMode: kind === "added" ? "000000" : "100644",
    newMode: kind === "deleted" ? "000000" : "100644",
    newSha: "",
    additions,
    deletions,
  });
  switch (status) {
    case "added":
    case "copied":
      return [change(path, "added")];
    case "removed":
      return [change(path, "deleted")];
    case "renamed":
      return [
        change(path, "added"),
        ...(previousPath === undefined
          ? []
          : [change(previousPath, "deleted")]),
      ];
    default:
      return [change(path, "modified")];
  }
}

/** Only what the branch adds: what it takes away is in the base already. */
function secretsIn(
  { path, patch }: ChangedFile,
  secrets: readonly string[],
): string[] {
  if (patch === undefined) return [];
  const added = patch
    .split("\n")
    .filter((line) => line.startsWith("+"))
    .map((line) => line.slice(1))
    .join("\n");
  return findSecrets(added, secrets).map(
    (kind) => `${path} seems to hold a secret (${kind}).`,
  );
}
