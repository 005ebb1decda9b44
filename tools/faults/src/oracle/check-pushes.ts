import type { Rig } from "../rig/rig.js";
import { REPOSITORY } from "../rig/surroundings.js";
import type { Violation } from "./violation.js";

interface Push {
  readonly ref: string;
  readonly after: string;
  /** When GitHub was asked: it was done no earlier. */
  readonly at: Date;
}

interface AttemptRow {
  readonly id: string;
  readonly fence: number;
  readonly preparedSha: string | null;
  /** When a later attempt at the same phase was claimed; null where none was. */
  readonly overtakenAt: Date | null;
}

interface RecordedRun {
  readonly adwId: string;
  readonly branchName: string;
  readonly status: string;
  readonly pushedSha: string | null;
  readonly commits: readonly string[];
}

/**
 * O6, from GitHub's own log of pushes: those that were refused by compare-and-set have changed nothing and are not in it.
 * Other writes bear no fence; what a stale one of them leaves is O4's.
 */
export async function checkPushes(rig: Rig): Promise<Violation[]> {
  const attempts = await rig.postgres.query<AttemptRow>(
    `SELECT id, fence, prepared_sha AS "preparedSha",
            (SELECT min(started_at) FROM attempts later WHERE later.phase_run_id = a.phase_run_id AND later.fence > a.fence)
              AS "overtakenAt"
       FROM attempts a ORDER BY fence`,
  );
  const runs = await rig.postgres.query<RecordedRun>(
    `SELECT adw_id AS "adwId", branch_name AS "branchName", status, pushed_sha AS "pushedSha",
            (SELECT coalesce(json_agg(commit_sha), '[]') FROM phase_runs p WHERE p.workflow_run_id = r.id AND commit_sha IS NOT NULL) AS commits
       FROM workflow_runs r`,
  );
  return [
    ...(await overtaken(rig, attempts)),
    ...(await unrecorded(rig, runs)),
  ];
}

/** Who made a commit; a rebase leaves it as it was. */
const attemptOf = (message = ""): string | undefined =>
  /^Attempt: (\S+)$/m.exec(message)?.[1];

/**
 * A push that was sent after a later attempt at the same phase had been claimed. Whoever pushes has prepared the commit,
 * which another may have made.
 */
async function overtaken(
  rig: Rig,
  attempts: readonly AttemptRow[],
): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const push of pushesOf(rig)) {
    const [tip] = await rig.github.log(REPOSITORY, push.after);
    const maker = attemptOf(tip?.message);
    const attempt =
      attempts.findLast(({ preparedSha }) => preparedSha === push.after) ??
      attempts.find(({ id }) => id === maker);
    if (!attempt?.overtakenAt || push.at <= attempt.overtakenAt) continue;
    found.push({
      rule: "O6",
      what: `attempt ${attempt.id} pushed with fence ${attempt.fence} after a later claim`,
      evidence: { ...push, overtakenAt: attempt.overtakenAt },
    });
  }
  return found;
}

/**
 * What stands on the branch of a completed run comes from the attempts whose commits its phases have recorded: what a lost
 * one left there is nobody's. A branch that was brought onto a base that moved has the same commits under other names.
 */
async function unrecorded(
  rig: Rig,
  runs: readonly RecordedRun[],
): Promise<Violation[]> {
  const branches = await rig.github.branches(REPOSITORY);
  const found: Violation[] = [];
  for (const run of runs.filter(({ status }) => status === "completed")) {
    if (!branches.has(run.branchName)) continue;
    const makers = new Set<string | undefined>();
    for (const sha of run.commits) {
      const [commit] = await rig.github.log(REPOSITORY, sha);
      makers.add(attemptOf(commit?.message));
    }
    const commits = await rig.github.log(REPOSITORY, run.branchName, "main");
    const strange = commits.filter(
      ({ message }) =>
        message.includes(`Run: ${run.adwId}`) &&
        !makers.has(attemptOf(message)),
    );
    if (strange.length > 0)
      found.push({
        rule: "O6",
        what: `the branch of run ${run.adwId} holds commits that no phase has recorded`,
        evidence: strange,
      });
  }
  return found;
}

/** The journal's body of a push is the refs that it changed. */
function pushesOf({ github }: Rig): Push[] {
  return github
    .requests()
    .filter(
      ({ path, body }) =>
        path.endsWith("/git-receive-pack") && Array.isArray(body),
    )
    .flatMap(({ at, body }) =>
      (body as Omit<Push, "at">[]) // As the local GitHub writes them.
        .map((change) => ({ ...change, at })),
    )
    .filter(({ ref }) => ref.startsWith("refs/heads/pullwright/"));
}
