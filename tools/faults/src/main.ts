import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readArguments } from "./arguments.js";
import { catalogue } from "./catalogue.js";
import { renderDocument } from "./report/document.js";
import { addToRecord, nameOfSources } from "./report/record.js";
import { plainTable, summarise } from "./report/summary.js";
import { servicePrograms } from "./rig/service-programs.js";
import { hasPassed, type Round } from "./run-cases.js";
import { CaseProcess } from "./soak/case-process.js";

/** How many rounds a case with a rig of its own may be ahead of the others. */
const AHEAD = 4;
const docs = new URL("../../../docs/", import.meta.url);
const page = new URL("reliability.md", docs);
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

// Known before hours go by.
const sources = write ? nameOfSources(fileURLToPath(docs)) : "";
const programs = await servicePrograms();
const workers = Array.from(
  { length: jobs },
  () => new CaseProcess({ logsFolder: logs, programs }),
);
const interruption = new AbortController();
const interrupted = () => {
  interruption.abort();
  for (const worker of workers) void worker.close();
};
process.once("SIGINT", interrupted).once("SIGTERM", interrupted);

const done: Round[] = [];
let begun = 0;
const endAt =
  minutes === null ? Infinity : performance.now() + minutes * 60_000;
// Round by round, and in each first those that share a rig. Who has a rig of its own comes some rounds at a time: starting it takes
// longer than most cases.
const waiting = Array.from({ length: rounds }, (_, round) =>
  (["redis", "postgres"] as const).flatMap((backend) =>
    chosen
      .filter(({ backends }) => backends.includes(backend))
      .toSorted((one, other) => own(one) - own(other))
      .map((fault) => ({ fault, backend, round })),
  ),
).flat();
await Promise.all(workers.map(work));
const cases = summarise(done);
console.log(`\n${plainTable(cases)}\n`);
if (write && done.length > 0) {
  const seeds = done.map((round) => round.seed);
  const soak = await addToRecord(new URL("reliability.json", docs), {
    sources,
    at: new Date(),
    seeds,
    cases,
  });
  await writeFile(page, renderDocument(soak));
  console.log(`wrote ${fileURLToPath(page)}`);
}
const failed = done.filter((round) => !hasPassed(round)).length;
console.log(`${done.length - failed} passed, ${failed} failed`);
process.exit(interruption.signal.aborted ? 130 : failed === 0 ? 0 : 1);

/** One process's part: case after case. */
async function work(worker: CaseProcess): Promise<void> {
  for (let next = take(worker); next; next = take(worker)) {
    const { fault, backend, round } = next;
    const result = await worker
      .run(fault, backend, seed + round)
      .catch((error: unknown) => {
        if (interruption.signal.aborted) return null; // What was broken off says nothing.
        throw error;
      });
    if (result === null) return;
    done.push(result);
    tell(result);
  }
  await worker.close();
}

/** The next case of this round, if there is one for the services that run already; or one that comes some rounds at a time. */
function take(worker: CaseProcess): (typeof waiting)[number] | undefined {
  const [first] = waiting;
  if (first === undefined || interruption.signal.aborted) return undefined;
  if (first.round > begun) {
    if (performance.now() > endAt) return undefined;
    begun = first.round;
  }
  const fitting = waiting.findIndex(
    ({ fault, backend, round }) =>
      round <= first.round + own(fault) * AHEAD && worker.fits(fault, backend),
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
