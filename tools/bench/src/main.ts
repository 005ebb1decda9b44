import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readArguments } from "./arguments.js";
import type { Bench, Row } from "./bench.js";
import { benches } from "./benches/benches.js";
import { renderDocument } from "./report/document.js";
import { describeMachine } from "./report/machine.js";
import { plainTable } from "./report/table.js";
import { verdictOf } from "./report/verdict.js";
import { Stage } from "./stage/stage.js";

const page = fileURLToPath(
  new URL("../../../docs/benchmarks.md", import.meta.url),
);
const { short, only, peers, write } = readArguments(process.argv.slice(2));
const scale = { short, rounds: short ? 3 : 5 };
const chosen = benches.filter(
  ({ name }) =>
    only.includes(name) || (only.length === 0 && (peers || name !== "peers")),
);
const unknown = only.filter(
  (name) => !benches.some((bench) => bench.name === name),
);
if (unknown.length > 0) {
  console.error(
    `There is no bench ${unknown.join(", ")}; there are ${benches.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}

const rows: Row[] = [];
const leftOut: string[] = [];
let broken = 0;
const stage = await Stage.open();
const interrupted = () => {
  void stage.close().finally(() => process.exit(130));
};
process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
try {
  for (const bench of chosen) if (!stage.isClosed) await run(bench);
} finally {
  await stage.close();
}
console.log(`\n${plainTable(rows)}\n`);
for (const reason of leftOut) console.log(`left out: ${reason}`);
if (write) {
  const findings = { rows, leftOut, short, at: new Date() };
  await writeFile(
    page,
    renderDocument({ ...findings, machine: describeMachine() }),
  );
  console.log(`wrote ${page}`);
}
const gross = rows.filter((row) => verdictOf(row) === "gross");
for (const { what } of gross)
  console.error(`gross regression: ${what} is far off its target`);
process.exit(gross.length > 0 || broken > 0 ? 1 : 0);

async function run(bench: Bench): Promise<void> {
  if (bench.needsRedis && stage.redisUrl === null) {
    leftOut.push(`${bench.name} (no redis-server)`);
    return;
  }
  const startedAt = performance.now();
  try {
    rows.push(...(await bench.measure(stage, scale)));
  } catch (error) {
    broken += 1;
    leftOut.push(`${bench.name} (failed)`);
    console.error(error);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${bench.name}: ${seconds.toFixed(0)} s`);
}
