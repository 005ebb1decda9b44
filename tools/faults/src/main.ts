import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readArguments } from "./arguments.js";
import { catalogue } from "./catalogue.js";
import { renderDocument } from "./report/document.js";
import { plainTable, summarise } from "./report/summary.js";
import { CaseRunner, hasPassed, type Round } from "./run-cases.js";

const page = fileURLToPath(
  new URL("../../../docs/reliability.md", import.meta.url),
);
const { rounds, minutes, seed, only, jobs, write, logs } = readArguments(
  process.argv.slice(2),
);
const chosen = catalogue.filter(
  ({ number }) => only.length === 0 || only.includes(number),
);
if (chosen.length === 0) {
  console.error("There is no such fault; they are numbered from 1 to 30.");
  process.exit(2);
}

const runners = Array.from(
  { length: jobs },
  () => new CaseRunner(console.log, logs),
);
const closeAll = () => Promise.all(runners.map((runner) => runner.close()));
const interrupted = () => {
  void closeAll().finally(() => process.exit(130));
};
process.once("SIGINT", interrupted).once("SIGTERM", interrupted);

const done: Round[] = [];
let begun = 0;
const endAt =
  minutes === null ? Infinity : performance.now() + minutes * 60_000;
// Round by round, and in each first those that share a rig.
const waiting = Array.from({ length: rounds }, (_, round) =>
  (["redis", "postgres"] as const).flatMap((backend) =>
    chosen
      .filter(({ backends }) => backends.includes(backend))
      .toSorted((one, other) => own(one) - own(other))
      .map((fault) => ({ fault, backend, round })),
  ),
).flat();
await Promise.all(runners.map(work));
const rows = summarise(done);
console.log(`\n${plainTable(rows)}\n`);
if (write) {
  await writeFile(page, renderDocument({ rows, seed, at: new Date() }));
  console.log(`wrote ${page}`);
}
const failed = done.filter((round) => !hasPassed(round)).length;
console.log(`${done.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** One rig's part: case after case. */
async function work(runner: CaseRunner): Promise<void> {
  for (let next = take(runner); next; next = take(runner)) {
    const { fault, backend, round } = next;
    const result = await runner.run(fault, backend, seed + round);
    done.push(result);
    tell(result);
  }
  await runner.close();
}

/** The next case of this round, if there is one for the services that run already. */
function take(runner: CaseRunner): (typeof waiting)[number] | undefined {
  const [first] = waiting;
  if (first === undefined) return undefined;
  if (first.round > begun) {
    if (performance.now() > endAt) return undefined;
    begun = first.round;
  }
  const fitting = waiting.findIndex(
    ({ fault, backend, round }) =>
      round === first.round && runner.fits(fault, backend),
  );
  return waiting.splice(Math.max(0, fitting), 1)[0];
}

function own(fault: (typeof catalogue)[number]): number {
  return fault.rig === undefined ? 0 : 1;
}

function tell(round: Round): void {
  const { fault, backend, durationMs, error, violations } = round;
  const verdict = hasPassed(round) ? "passed" : "FAILED";
  console.log(
    `${verdict}  ${fault.number} ${fault.name} (${backend}, seed ${round.seed}): ${(durationMs / 1_000).toFixed(1)} s`,
  );
  if (error !== null) console.log(error);
  for (const { rule, what, evidence } of violations)
    console.log(`  ${rule} ${what}: ${JSON.stringify(evidence)}`);
}
