import type { Rig } from "../rig/rig.js";
import type { RunRow } from "../rig/requests.js";
import { REPOSITORY } from "../rig/surroundings.js";
import { violationsOf, type Violation } from "./violation.js";

const LABEL_PREFIX = "pullwright:";

/** O4, asked from GitHub itself. */
export async function checkGitHub(rig: Rig): Promise<Violation[]> {
  const runs = await rig.runs();
  const branches = [...(await rig.github.branches(REPOSITORY)).keys()];
  const latest = new Map(runs.map((run) => [run.issueNumber, run.id]));
  return runs.flatMap((run) => [
    ...checkBranches(run, branches),
    ...checkPulls(run, rig),
    ...checkComments(run, rig),
    ...(latest.get(run.issueNumber) === run.id ? checkLabel(run, rig) : []),
  ]);
}

function checkBranches(run: RunRow, branches: readonly string[]): Violation[] {
  const own = branches.filter((branch) => branch.includes(run.adwId));
  return violationsOf(
    "O4",
    own.filter((branch) => branch !== run.branchName),
    (branch) => `run ${run.adwId} has a second branch ${branch}`,
  );
}

function checkPulls(run: RunRow, { github }: Rig): Violation[] {
  const pulls = github
    .listPulls(REPOSITORY)
    .filter(
      ({ head, body }) =>
        head.ref === run.branchName || (body ?? "").includes(markerOf(run)),
    )
    .map(({ number }) => number);
  const isPublished =
    run.status === "completed" && run.outcome === "pull_request";
  if (pulls.length <= 1 && (!isPublished || pulls.length === 1)) return [];
  const what = `run ${run.adwId} (${run.outcome ?? run.status}) has ${pulls.length} pull requests`;
  return [{ rule: "O4", what, evidence: pulls }];
}

function checkComments(run: RunRow, { github }: Rig): Violation[] {
  if (run.issueNumber === null) return [];
  const own = github
    .listComments(REPOSITORY, run.issueNumber)
    .filter(({ body }) => body.includes(markerOf(run)));
  if (own.length !== 1)
    return [
      {
        rule: "O4",
        what: `run ${run.adwId} has ${own.length} status comments`,
        evidence: own.map(({ id }) => id),
      },
    ];
  // An old writer that came last would have left an old state.
  return violationsOf(
    "O4",
    own.filter(({ body }) => !body.toLowerCase().includes(run.status)),
    () => `the status comment of run ${run.adwId} does not say ${run.status}`,
  );
}

function checkLabel(run: RunRow, { github }: Rig): Violation[] {
  if (run.issueNumber === null) return [];
  const labels = github
    .getIssue(REPOSITORY, run.issueNumber)
    .labels.map((label) => (typeof label === "string" ? label : label.name))
    .filter((name) => name.startsWith(LABEL_PREFIX));
  const wanted = `${LABEL_PREFIX}${run.status === "pending" ? "running" : run.status}`;
  if (labels.length === 1 && labels[0] === wanted) return [];
  return [
    {
      rule: "O4",
      what: `issue #${run.issueNumber} is not labelled ${wanted} alone`,
      evidence: labels,
    },
  ];
}

const markerOf = ({ adwId }: RunRow) => `<!-- pullwright:run:${adwId} -->`;
