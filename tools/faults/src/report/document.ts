import { cpus, platform, release, totalmem } from "node:os";
import { execFileSync } from "node:child_process";
import { medianSeconds, passedOf, type CaseSummary } from "./summary.js";

/** The page `docs/reliability.md`, whole; `casesInAll` counts those that there are, on each back end. */
export function renderDocument(
  cases: readonly CaseSummary[],
  casesInAll: number,
): string {
  const missing = casesInAll - cases.length;
  const days = listed(cases, ({ days }) => days);
  const seeds = listed(cases, ({ seeds }) => seeds);
  const failed = cases.filter(({ failedSeeds }) => failedSeeds.length > 0);
  const table = cases.map(
    (one) =>
      `| ${one.number} | ${one.name} | ${one.backend} | ${one.tookMs.length} | ${passedOf(one)} | ${medianSeconds(one)} |`,
  );
  return `# Reliability

Written by \`npm run test:faults -- --write\`; do not edit.

Each fault is injected for real into the whole product: two processes or more of each service (one where a case has to know
which it is), their own Redis and Postgres, a local GitHub, scripted agents in their sandbox. Where a fault may strike at any
moment of the work, the moment is drawn at random in every round. After each round an oracle asks whether every accepted delivery has a row (O1), every run has ended or waits with a
deadline (O2), every phase has at most one result (O3), every run at most one branch, pull request and status comment, with the
right label (O4), whether a process, a checkout or a lease is left (O5), whether anything of a stale fence stands on GitHub (O6),
whether the fault can be seen where it has an effect (O7), and whether a secret stands in a log (O8).

- ${days}, ${machine()}
- ${versions()}
- ${roundsOf(cases)} a case, all of the same sources (the product, the suite, the case itself); seeds ${seeds}

| Fault | What happens | Queue on | Rounds | Passed | Median |
| ----: | ------------ | -------- | -----: | -----: | -----: |
${table.join("\n")}

${failed.length === 0 ? "Every round passed." : `Not every round passed: ${failed.map(({ name, backend }) => `${name} (${backend})`).join("; ")}.`}${missing === 0 ? "" : ` Of these sources ${missing} of ${casesInAll} cases have not been run yet.`}

The median is the time from the fault's preparation until every run of the case has ended. Outages are shorter than in
production, and so are leases: each case (\`tools/faults/src/cases\`) says what it shortens.
`;
}

const listed = (
  cases: readonly CaseSummary[],
  values: (of: CaseSummary) => readonly (string | number)[],
): string =>
  [...new Set(cases.flatMap(values))]
    .map(String)
    .sort((one, other) => one.localeCompare(other, "en", { numeric: true }))
    .join(", ");

function roundsOf(cases: readonly CaseSummary[]): string {
  const counts = cases.map(({ tookMs }) => tookMs.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least !== most) return `${least} to ${most} rounds`;
  return least === 1 ? "1 round" : `${least} rounds`;
}

function machine(): string {
  const [processor] = cpus();
  const memoryGb = Math.round(totalmem() / 1024 ** 3);
  return `${processor?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${memoryGb} GB, ${platform()} ${release()}`;
}

function versions(): string {
  const said = (program: string) =>
    /(\d+\.\d+\.\d+)/.exec(
      execFileSync(program, ["--version"], { encoding: "utf8" }),
    )?.[1] ?? "unknown";
  return `Node ${process.versions.node}, Redis ${said("redis-server")}, git ${said("git")}`;
}
