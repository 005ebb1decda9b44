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
const { rounds, seed, only, write } = readArguments(process.argv.slice(2));
const chosen = catalogue.filter(
  ({ number }) => only.length === 0 || only.includes(number),
);
if (chosen.length === 0) {
  console.error("There is no such fault; they are numbered from 1 to 30.");
  process.exit(2);
}

const runner = new CaseRunner(console.log);
const interrupted = () => {
  void runner.close().finally(() => process.exit(130));
};
process.once("SIGINT", interrupted).once("SIGTERM", interrupted);

const done: Round[] = [];
for (const backend of ["redis", "postgres"] as const) {
  const here = chosen.filter(({ backends }) => backends.includes(backend));
  // First those that share a rig.
  for (const fault of here.toSorted((one, other) => own(one) - own(other)))
    for (let round = 0; round < rounds; round += 1) {
      const result = await runner.run(fault, backend, seed + round);
      done.push(result);
      tell(result);
    }
}
await runner.close();
const rows = summarise(done);
console.log(`\n${plainTable(rows)}\n`);
if (write) {
  await writeFile(page, renderDocument({ rows, seed, rounds, at: new Date() }));
  console.log(`wrote ${page}`);
}
const failed = done.filter((round) => !hasPassed(round)).length;
console.log(`${done.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

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
