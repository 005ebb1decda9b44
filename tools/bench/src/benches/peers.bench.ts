import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Bench, Row } from "../bench.js";
import { typicalPayloads } from "../load/payloads.js";
import { saturate } from "../load/saturate.js";
import { interleave } from "../measure/rounds.js";
import { openProductCourse } from "../runs/product-course.js";
import { playOneByOne, playTogether } from "../runs/run-course.js";
import { startProgram, type Child } from "../stage/child.js";
import { startGateway } from "../stage/gateway.js";
import type { Stage } from "../stage/stage.js";

const IN_FLIGHT = 50;
const SECRET = "the secret of the bench";
const programs = new URL("../../../../bench/dist/", import.meta.url);

/** Who plays the same four steps, and how fast ours has to be against them. */
const engines = {
  dbos: { title: "DBOS", atLeast: 1 },
  "graphile-worker": { title: "graphile-worker", atLeast: 1 },
  // "Level" within what two measurements on a shared machine differ by.
  restate: { title: "Restate", atLeast: 0.9 },
} as const;
type Engine = keyof typeof engines;
const names = Object.keys(engines) as Engine[]; // The keys of the record above.

/** What others have built for the same work, each as its own documentation has it written. */
export const peersBench: Bench = {
  name: "peers",
  needsRedis: true,
  async measure(stage, { short, rounds }): Promise<Row[]> {
    await demandPrograms();
    const idleRuns = short ? 40 : 150;
    const burstRuns = short ? 100 : 300;
    const redisUrl = stage.redisUrl ?? "";
    const ours = await openProductCourse(await stage.database(), redisUrl);
    const peers = {} as Record<Engine, Child>; // Filled below, for every name.
    for (const name of names)
      peers[name] = await startPeer(stage, name, {
        DATABASE_URL: await stage.database(),
        FOLDER: stage.folder,
        RESTATE_LOGGING: "WARN", // Its SDK writes a line a run otherwise, which ours does not.
      });
    const play = (name: Engine, command: object) => async () =>
      Number(await peers[name].ask(command));
    const one = { play: "one" };
    const many = { play: "many", count: burstRuns, inFlight: IN_FLIGHT };
    // The code of all is as compiled then as that of services that have run for a while.
    await playTogether(ours, burstRuns, IN_FLIGHT);
    for (const name of names) await play(name, many)();
    const idleMs = await interleave(idleRuns, {
      ours: async () => (await playOneByOne(ours, 1))[0] ?? Number.NaN,
      dbos: play("dbos", one),
      "graphile-worker": play("graphile-worker", one),
      restate: play("restate", one),
    });
    const perSecond = await interleave(rounds, {
      ours: () => playTogether(ours, burstRuns, IN_FLIGHT),
      dbos: play("dbos", many),
      "graphile-worker": play("graphile-worker", many),
      restate: play("restate", many),
    });
    await Promise.all(Object.values(peers).map((peer) => peer.end()));
    await ours.close();
    const rows = names.flatMap((name): Row[] => [
      {
        what: "run of 4 no-op phases, p50 when idle (speed)",
        against: { name: engines[name].title, value: idleMs.value(name) },
        ours: idleMs.value("ours"),
        unit: "ms",
        ratio: idleMs.ratio(name, "ours"),
        target: { ratioAtLeast: engines[name].atLeast },
      },
      {
        what: `runs of 4 no-op phases, ${IN_FLIGHT.toString()} in flight`,
        against: { name: engines[name].title, value: perSecond.value(name) },
        ours: perSecond.value("ours"),
        unit: "runs/s",
        ratio: perSecond.ratio("ours", name),
        target: { ratioAtLeast: engines[name].atLeast },
      },
    ]);
    return [...rows, await againstProbot(stage, redisUrl, short, rounds)];
  },
};

async function againstProbot(
  stage: Stage,
  redisUrl: string,
  short: boolean,
  rounds: number,
): Promise<Row> {
  const databaseUrl = await stage.database();
  const shared = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
  const servers = {
    probot: await startPeer(stage, "probot", { ...shared, SECRET }),
    ours: await startGateway(stage, shared, SECRET),
  };
  const payloads = typicalPayloads(SECRET);
  const pool = stage.pool(databaseUrl);
  const press =
    ({ ready }: Child, takenWith: number) =>
    async () => {
      await pool.query("TRUNCATE deliveries, probot_deliveries");
      await stage.checkpoint();
      const { url } = ready as { url: string };
      const load = {
        connections: 32,
        warmUpMs: short ? 500 : 1_000,
        measureMs: short ? 2_000 : 5_000,
        takenWith,
      };
      return (await saturate(url, payloads, load)).perSecond;
    };
  const taken = await interleave(rounds, {
    probot: press(servers.probot, 200),
    ours: press(servers.ours, 202),
  });
  await Promise.all(Object.values(servers).map((server) => server.end()));
  return {
    what: "gateway, full path of an 18.6 KB webhook",
    against: { name: "Probot, the same", value: taken.value("probot") },
    ours: taken.value("ours"),
    unit: "req/s",
    ratio: taken.ratio("ours", "probot"),
    target: { ratioAtLeast: 1.5 },
  };
}

function startPeer(
  stage: Stage,
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<Child> {
  return startProgram(stage, new URL(`${name}.js`, programs), environment);
}

async function demandPrograms(): Promise<void> {
  await access(fileURLToPath(new URL("serve.js", programs))).catch(() => {
    throw new Error(
      "The peers are not installed. Install them first: npm --prefix bench run ci",
    );
  });
}
