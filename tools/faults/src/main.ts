import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readArguments } from "./arguments.js";
import { catalogue } from "./catalogue.js";
import { renderDocument } from "./report/document.js";
import { addToRecord, nameSources, readRecord } from "./report/record.js";
import { plainTable, summarise } from "./report/summary.js";
import { servicePrograms } from "./rig/service-programs.js";
import { hasPassed, type Round } from "./run-cases.js";
import { agenda, takeNext, type Task } from "./soak/agenda.js";
import { CaseProcess } from "./soak/case-process.js";

const docs = new URL("../../../docs/", import.meta.url);
const page = new URL("reliability.md", docs);
const record = new URL("reliability.json", docs);
const { rounds, minutes, seed, only, jobs, write, logs } = readArguments(
  process.argv.slice(2),
);
const casesInAll = catalogue.flatMap(({ backends }) => backends).length;
const chosen = catalogue.filter(
  ({ number }) => only.length === 0 || only.includes(number),
);
if (chosen.length === 0) {
  console.error("There is no such fault; they are numbered from 1 to 30.");
  process.exit(2);
}

// Known before hours go by.
const sources = write ? nameSources(fileURLToPath(docs)) : null;
const known = sources === null ? [] : await readRecord(record, sources);
const waiting = agenda(chosen, { rounds, seed }, known);
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
let written: Promise<unknown> = Promise.resolve();
const endAt =
  minutes === null ? Infinity : performance.now() + minutes * 60_000;
await Promise.all(workers.map(work));
const cases = summarise(done, new Date());
console.log(`\n${plainTable(cases)}\n`);
await written;
if (write && done.length > 0) console.log(`wrote ${fileURLToPath(page)}`);
const failed = done.filter((round) => !hasPassed(round)).length;
console.log(`${done.length - failed} passed, ${failed} failed`);
process.exit(interruption.signal.aborted ? 130 : failed === 0 ? 0 : 1);

/** One process's part: case after case. */
async function work(worker: CaseProcess): Promise<void> {
  for (let next = take(worker); next; next = take(worker)) {
    const { fault, backend } = next;
    const result = await worker
      .run(fault, backend, next.seed)
      .catch((error: unknown) => {
        if (interruption.signal.aborted) return null; // What was broken off says nothing.
        throw error;
      });
    if (result === null) return;
    done.push(result);
    tell(result);
    keep(result);
  }
  await worker.close();
}

function take(worker: CaseProcess): Task | undefined {
  if (interruption.signal.aborted || performance.now() > endAt)
    return undefined;
  return takeNext(waiting, ({ fault, backend }) => worker.fits(fault, backend));
}

/** At once: a soak may be ended by what ends the machine. */
function keep(round: Round): void {
  if (sources === null) return;
  const cases = summarise([round], new Date());
  written = written.then(async () => {
    const known = await addToRecord(record, sources, cases);
    await writeFile(page, renderDocument(known, casesInAll));
  });
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
