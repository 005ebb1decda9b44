import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LogWriter } from "@pullwright/agent-runner";
import { createSilentLogger, loadConfig } from "@pullwright/platform";
import { openRuntime, type Runtime } from "@pullwright/runtime";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { Bench, Row } from "../bench.js";
import { printedLine, printLines } from "../load/printing-child.js";
import { interleave } from "../measure/rounds.js";
import { aClaimedPhase } from "../stage/a-run.js";

/** Lines that a process prints, until they are committed rows, with everybody told of them. */
export const logWriteBench: Bench = {
  name: "log-write",
  needsRedis: true,
  async measure(stage, { short, rounds }): Promise<Row[]> {
    const lines = short ? 100_000 : 300_000;
    const databaseUrl = await stage.database();
    const runtime = await openRuntime(
      "bench-logs",
      loadConfig({
        DATABASE_URL: databaseUrl,
        REDIS_URL: stage.redisUrl ?? "",
        LOG_LEVEL: "warn",
      }),
    );
    await runtime.stores.ensureLogPartitions(new Date());
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on("error", () => undefined); // An interrupted bench ends its Postgres amid a round.
    await client.connect();
    const chunks = copyChunks(lines);
    const emptied = async (work: () => Promise<number>): Promise<number> => {
      await client.query("TRUNCATE workflow_logs");
      await stage.checkpoint();
      const seconds = await work();
      const { rows } = await client.query<{ count: string }>(
        "SELECT count(*) FROM workflow_logs",
      );
      if (Number(rows[0]?.count) < lines)
        throw new Error("Lines are missing in the log.");
      return lines / seconds;
    };
    const floor = () => emptied(() => copy(client, chunks));
    const ours = () => emptied(() => stream(runtime, lines));
    await ours(); // Compiles the code and prepares the statements.
    const taken = await interleave(rounds, { floor, ours });
    await client.end();
    await runtime.shutdown.run("the bench ends");
    return [
      {
        what: "a process's output to committed log rows, published",
        against: { name: "one COPY stream", value: taken.value("floor") },
        ours: taken.value("ours"),
        unit: "lines/s",
        ratio: taken.ratio("ours", "floor"),
        target: { ratioAtLeast: 0.7 },
      },
    ];
  },
};

/** The lines as COPY takes them, in memory; all that differs between rounds is nothing. */
function copyChunks(lines: number): string[] {
  const run = randomUUID();
  const phase = randomUUID();
  const at = new Date().toISOString();
  const day = at.slice(0, 10);
  const chunks: string[] = [];
  let text = "";
  for (let seq = 1; seq <= lines; seq += 1) {
    text += `${day}\t${run}\t${seq.toString()}\t${phase}\t${at}\tINFO\t${printedLine(seq)}\t\\N\n`;
    if (text.length > 64 * 1024 || seq === lines) {
      chunks.push(text);
      text = "";
    }
  }
  return chunks;
}

async function copy(
  client: pg.Client,
  chunks: readonly string[],
): Promise<number> {
  const startedAt = performance.now();
  const sink = client.query(copyFrom("COPY workflow_logs FROM STDIN"));
  await pipeline(Readable.from(chunks), sink);
  return (performance.now() - startedAt) / 1000;
}

async function stream(
  { stores, queues }: Runtime,
  lines: number,
): Promise<number> {
  const { attempt, run, phase } = await aClaimedPhase(stores);
  const log = new LogWriter(
    {
      append: (batch) =>
        stores.logs.append(
          { ...attempt, adwId: run.adwId, phase: phase.definition.name },
          batch,
        ),
      publish: (event) => queues.publish(event),
    },
    [],
    createSilentLogger(),
    new AbortController().signal,
  );
  let startedAt = 0;
  await printLines(lines, async (printed) => {
    // From the first line on: how long a program takes to start is not ours.
    if (startedAt === 0) startedAt = performance.now();
    for (const line of printed) {
      const room = log.add("INFO", line);
      if (room !== undefined) await room;
    }
  });
  await log.close();
  return (performance.now() - startedAt) / 1000;
}
