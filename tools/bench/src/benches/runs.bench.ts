import type { Bench, Row, Scale } from "../bench.js";
import { interleave } from "../measure/rounds.js";
import { median } from "../measure/statistics.js";
import { openProductCourse } from "../runs/product-course.js";
import { openReferenceCourse } from "../runs/reference-course.js";
import {
  playOneByOne,
  playTogether,
  type RunCourse,
} from "../runs/run-course.js";
import type { Stage } from "../stage/stage.js";

const IN_FLIGHT = 50;
/** US dollars: asked by every claim, and never used up. */
const MAX_DAY_USD = 1_000_000;
const REFERENCE = "BullMQ and 2 transactions a phase";
const REFERENCE_WITH_BUDGET = "the same with a budget's row";

/** Runs of four phases that do nothing: what the rules cost. */
export const runsBench: Bench = {
  name: "runs",
  needsRedis: true,
  async measure(stage, scale): Promise<Row[]> {
    const redisUrl = stage.redisUrl ?? "";
    const budgeted = await openProductCourse(
      await stage.database(),
      databaseOf(redisUrl, 1),
    );
    await budgeted.shareBudget(MAX_DAY_USD);
    const courses = {
      reference: await openReferenceCourse(await stage.database(), redisUrl, {
        budget: false,
      }),
      referenceWithBudget: await openReferenceCourse(
        await stage.database(),
        redisUrl,
        { budget: true },
      ),
      ours: await openProductCourse(await stage.database(), redisUrl),
      budgeted,
    };
    const rows = await compare(courses, scale);
    for (const course of Object.values(courses)) await course.close();
    return [...rows, ...(await onPostgres(stage, scale))];
  },
};

/** A Redis database of its own, so that none works on what the other rings for. */
function databaseOf(redisUrl: string, number: number): string {
  const url = new URL(redisUrl);
  url.pathname = `/${number.toString()}`;
  return url.href;
}

async function compare(
  courses: Readonly<
    Record<"reference" | "referenceWithBudget" | "ours" | "budgeted", RunCourse>
  >,
  { short, rounds }: Scale,
): Promise<Row[]> {
  const idleRuns = short ? 60 : 200;
  const burstRuns = short ? 100 : 300;
  // Run by run in turn: a run takes milliseconds, and the machine's mood changes within seconds.
  const idle = async (course: RunCourse) => {
    const waiting = [...(await course.prepare(idleRuns))];
    return async () => {
      const run = waiting.pop() ?? "";
      const startedAt = performance.now();
      await course.play(run);
      return performance.now() - startedAt;
    };
  };
  const burst = (course: RunCourse) => () =>
    playTogether(course, burstRuns, IN_FLIGHT);
  // Statements are prepared then, and the code is as compiled as that of services that have run for a while.
  for (const course of Object.values(courses)) await burst(course)();
  const idleMs = await interleave(idleRuns, {
    reference: await idle(courses.reference),
    ours: await idle(courses.ours),
    referenceWithBudget: await idle(courses.referenceWithBudget),
    budgeted: await idle(courses.budgeted),
  });
  const perSecond = await interleave(rounds, {
    reference: burst(courses.reference),
    ours: burst(courses.ours),
    referenceWithBudget: burst(courses.referenceWithBudget),
    budgeted: burst(courses.budgeted),
  });
  return [
    {
      what: "run of 4 no-op phases, p50 when idle (speed)",
      against: { name: REFERENCE, value: idleMs.value("reference") },
      ours: idleMs.value("ours"),
      unit: "ms",
      // As speeds, so that more is better here as in the next row.
      ratio: idleMs.ratio("reference", "ours"),
      target: { ratioAtLeast: 0.8 },
    },
    {
      what: "run of 4 no-op phases, p50 when idle",
      against: null,
      ours: idleMs.value("ours"),
      unit: "ms",
      ratio: null,
      target: { valueAtMost: 8 },
    },
    {
      what: `runs of 4 no-op phases, ${IN_FLIGHT.toString()} in flight`,
      against: { name: REFERENCE, value: perSecond.value("reference") },
      ours: perSecond.value("ours"),
      unit: "runs/s",
      ratio: perSecond.ratio("ours", "reference"),
      target: { ratioAtLeast: 0.8 },
    },
    {
      what: "run of 4 no-op phases under a budget that all share, p50 when idle (speed)",
      against: {
        name: REFERENCE_WITH_BUDGET,
        value: idleMs.value("referenceWithBudget"),
      },
      ours: idleMs.value("budgeted"),
      unit: "ms",
      ratio: idleMs.ratio("referenceWithBudget", "budgeted"),
      target: { ratioAtLeast: 0.8 },
    },
    {
      what: `runs of 4 no-op phases under a budget that all share, ${IN_FLIGHT.toString()} in flight`,
      against: {
        name: REFERENCE_WITH_BUDGET,
        value: perSecond.value("referenceWithBudget"),
      },
      ours: perSecond.value("budgeted"),
      unit: "runs/s",
      ratio: perSecond.ratio("budgeted", "referenceWithBudget"),
      target: { ratioAtLeast: 0.8 },
    },
  ];
}

/** The same without Redis, for those who have none. */
async function onPostgres(stage: Stage, { short }: Scale): Promise<Row[]> {
  const course = await openProductCourse(await stage.database(), null);
  await playOneByOne(course, 5);
  const idleMs = median(await playOneByOne(course, short ? 10 : 50));
  const perSecond = await playTogether(course, short ? 50 : 200, IN_FLIGHT);
  await course.close();
  const plain = { against: null, ratio: null, target: null };
  return [
    {
      ...plain,
      what: "the same without it on BullMQ's Postgres back end, p50 when idle",
      ours: idleMs,
      unit: "ms",
    },
    {
      ...plain,
      what: `the same without it on BullMQ's Postgres back end, ${IN_FLIGHT.toString()} in flight`,
      ours: perSecond,
      unit: "runs/s",
    },
  ];
}
