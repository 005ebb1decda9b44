import type { Rig } from "../rig/rig.js";
import { REPOSITORY } from "../rig/surroundings.js";
import type { Violation } from "./violation.js";

interface Push {
  readonly ref: string;
  readonly after: string;
}

interface AttemptRow {
  readonly id: string;
  readonly phaseRunId: string;
  readonly fence: number;
}

interface RecordedRun {
  readonly adwId: string;
  readonly branchName: string;
  readonly status: string;
  readonly pushedSha: string | null;
  readonly commits: readonly string[];
}

/** O6, from GitHub's own log of pushes: those that were refused by compare-and-set have changed nothing and are not in it. */
export async function checkPushes(rig: Rig): Promise<Violation[]> {
  const attempts = new Map(
    (
      await rig.postgres.query<AttemptRow>(
        `SELECT id, phase_run_id AS "phaseRunId", fence FROM attempts`,
      )
    ).map((attempt) => [attempt.id, attempt]),
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

/** A push that landed after the push of a later claim of the same phase. */
async function overtaken(
  rig: Rig,
  attempts: ReadonlyMap<string, AttemptRow>,
): Promise<Violation[]> {
  const highest = new Map<string, number>();
  const found: Violation[] = [];
  for (const push of pushesOf(rig)) {
    const [tip] = await rig.github.log(REPOSITORY, push.after);
    const attempt = attempts.get(
      /^Attempt: (\S+)$/m.exec(tip?.message ?? "")?.[1] ?? "",
    );
    if (attempt === undefined) continue;
    const seen = highest.get(attempt.phaseRunId) ?? 0;
    if (attempt.fence < seen)
      found.push({
        rule: "O6",
        what: `attempt ${attempt.id} pushed with fence ${attempt.fence} after fence ${seen}`,
        evidence: push,
      });
    highest.set(attempt.phaseRunId, Math.max(seen, attempt.fence));
  }
  return found;
}

/** What stands on the branch of a completed run is exactly what its phases have recorded. */
async function unrecorded(
  rig: Rig,
  runs: readonly RecordedRun[],
): Promise<Violation[]> {
  const branches = await rig.github.branches(REPOSITORY);
  const found: Violation[] = [];
  for (const run of runs.filter(({ status }) => status === "completed")) {
    if (!branches.has(run.branchName)) continue;
    const commits = await rig.github.log(REPOSITORY, run.branchName, "main");
    const strange = commits.filter(
      ({ sha, message }) =>
        message.includes(`Run: ${run.adwId}`) && !run.commits.includes(sha),
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
    .flatMap(({ body }) => body as Push[]) // As the local GitHub writes them.
    .filter(({ ref }) => ref.startsWith("refs/heads/pullwright/"));
}
