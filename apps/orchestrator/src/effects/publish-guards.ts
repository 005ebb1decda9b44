import type { FailureClass } from "@pullwright/domain";
import type { GitHub } from "@pullwright/github";
import type { LoadedRun } from "@pullwright/persistence";
import type { Policy } from "../policy.js";
import { matchesGlob } from "./glob.js";

/** Why a branch may not be published. */
export interface GuardViolation {
  readonly failureClass: Extract<FailureClass, "policy" | "conflict">;
  readonly message: string;
}

const MAX_NAMED_PATHS = 5;

/**
 * Looks at what the branch really holds on GitHub before it becomes a pull request; the runner looked before it pushed,
 * but a branch can change afterwards.
 */
export async function checkBranch(
  github: GitHub,
  run: LoadedRun,
  headSha: string,
  policy: Policy,
): Promise<GuardViolation | null> {
  const { repository, branch, baseBranch } = run;
  const head = await github.repositories.headOf(repository, branch);
  if (head !== headSha)
    return {
      failureClass: "conflict",
      message:
        head === undefined
          ? `The branch ${branch} is gone.`
          : `The branch ${branch} is at ${head.slice(0, 10)}, not at the run's own commit ${headSha.slice(0, 10)}: somebody else pushed to it.`,
    };
  const compared = await github.repositories.compare(
    repository,
    baseBranch,
    headSha,
  );
  const { files } = compared;
  if (compared.isTruncated || files.length > policy.maxChangedFiles)
    return {
      failureClass: "policy",
      message: `The branch changes ${files.length.toString()}${compared.isTruncated ? " or more" : ""} files; the policy allows ${policy.maxChangedFiles.toString()}.`,
    };
  const touched = files
    .flatMap(({ path, previousPath }) =>
      previousPath === undefined ? [path] : [path, previousPath],
    )
    .filter((path) =>
      policy.protectedPaths.some((glob) => matchesGlob(path, glob)),
    );
  return touched.length === 0
    ? null
    : {
        failureClass: "policy",
        message: `The branch changes protected files: ${touched.slice(0, MAX_NAMED_PATHS).join(", ")}${touched.length > MAX_NAMED_PATHS ? " …" : ""}.`,
      };
}
