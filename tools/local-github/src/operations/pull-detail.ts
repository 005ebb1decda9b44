import { diffFiles } from "../git/diff.js";
import { mergeBase } from "../git/merge.js";
import type { PullDetail, PullIssue } from "../shapes/pull-shape.js";
import type { Repository } from "../state/model.js";

/** The commits and files of a pull request: what its head has and the merge base has not. */
export async function pullDetail(
  repository: Repository,
  { pull }: PullIssue,
): Promise<PullDetail> {
  const { git } = repository;
  const from =
    (await mergeBase(git, pull.baseSha, pull.headSha)) ?? pull.baseSha;
  const [count, files] = await Promise.all([
    git.text("rev-list", "--count", `${pull.baseSha}..${pull.headSha}`),
    diffFiles(git, from, pull.headSha),
  ]);
  return { commits: Number(count), files };
}
