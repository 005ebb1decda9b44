import { slugOf } from "./slug.js";

export interface RunNaming {
  readonly issueNumber: number;
  readonly adwId: string;
  readonly title: string;
}

export const BRANCH_PREFIX = "pullwright/";

/** The run's branch: `pullwright/<issue>-<adw_id>-<slug>`. */
export function branchName(run: RunNaming): string {
  return `${BRANCH_PREFIX}${run.issueNumber}-${run.adwId}-${slugOf(run.title)}`;
}

/** The plan's path in the repository: `specs/issue-<n>-<adw_id>-<slug>.md`. */
export function planFileName(run: RunNaming): string {
  return `specs/issue-${run.issueNumber}-${run.adwId}-${slugOf(run.title)}.md`;
}
