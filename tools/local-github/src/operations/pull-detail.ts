import { diffFiles } from "../git/diff.js";
import { mergeBase } from "../git/merge.js";
import type { PullDetail, PullIssue } from "../shapes/pull-shape.js";
import type { Repository } from "../state/model.js";

/** Two commits never differ otherwise than they did, and every answer and webhook about a pull request asks. */
const known = new WeakMap<Repository, Map<string, Promise<PullDetail>>>();

/** The commits and files of a pull request: what its head has and the merge base has not. */
export function pullDetail(
  repository: Repository,
  { pull }: PullIssue,
): Promise<PullDetail> {
  const ofRepository =
    known.get(repository) ?? new Map<string, Promise<PullDetail>>();
  known.set(repository, ofRepository);
  const range = `${pull.baseSha}..${pull.headSha}`;
  const detail =
    ofRepository.get(range) ?? compute(repository, pull.baseSha, pull.headSha);
  ofRepository.set(range, detail);
  // A failure is not worth keeping; who awaits the detail hears of it.
  detail.catch(() => ofRepository.delete(range));
  return detail;
}

async function compute(
  { git }: Repository,
  baseSha: string,
  headSha: string,
): Promise<PullDetail> {
  const from = (await mergeBase(git, baseSha, headSha)) ?? baseSha;
  const [count, files] = await Promise.all([
    git.text("rev-list", "--count", `${baseSha}..${headSha}`),
    diffFiles(git, from, headSha),
  ]);
  return { commits: Number(count), files };
}
