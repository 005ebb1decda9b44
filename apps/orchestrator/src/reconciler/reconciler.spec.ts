import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sleep } from "@pullwright/platform";
import { until } from "@pullwright/testing";
import {
  orchestration,
  quickTiming,
  type Orchestration,
} from "../__fixtures__/orchestration.js";
import { Reconciler, type ReconcilerStep } from "./reconciler.js";

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration({ started: false });
});
afterAll(() => sut.close());

// No pause of a busy machine outlasts the lease, and none of the takeovers here may wait for its end.
const timing = {
  ...quickTiming.reconciler,
  stepTimeoutMs: 200,
  leaseMs: 60_000,
};

/** Until when the lease is held, by the database's clock. */
async function leaseEnd(): Promise<number> {
  const { rows } = await sut.runtime.database.pool.query<{
    lease_until: Date;
  }>("SELECT lease_until FROM leases");
  return rows[0]?.lease_until.getTime() ?? 0;
}

function reconciler(owner: string, steps: readonly ReconcilerStep[]) {
  const { logger, metrics, stores } = sut.runtime;
  return new Reconciler({
    leases: stores.leases,
    owner,
    steps,
    timing,
    logger,
    metrics,
  });
}

test("a step that fails and one that hangs stop neither the others nor the lease", async () => {
  const calls = { failing: 0, hanging: 0, working: 0 };
  const step = (
    name: keyof typeof calls,
    run: ReconcilerStep["run"],
  ): ReconcilerStep => ({
    name,
    everyMs: 10,
    run: (signal) => {
      calls[name] += 1;
      return run(signal);
    },
  });
  let wasTold = false;
  const holder = reconciler("one", [
    step("failing", () => Promise.reject(new Error("broken"))),
    step("hanging", async (signal) => {
      await sleep(60_000, signal);
      wasTold = signal.aborted;
    }),
    step("working", () => Promise.resolve()),
  ]);
  holder.start();
  await until(
    () => calls.hanging >= 2 && calls.failing > 5 && calls.working > 5,
    "every step has its turns",
  );
  expect(holder.isHolder).toBe(true);
  expect(wasTold).toBe(true);
  await holder.stop();
});

test("one process works at a time, and the next takes over when it ends or falls silent", async () => {
  const seen: string[] = [];
  const noting = (name: string) =>
    reconciler(name, [
      {
        name: "noting",
        everyMs: 10,
        run: () => Promise.resolve(void seen.push(name)),
      },
    ]);
  const first = noting("first");
  first.start();
  await until(() => seen.length > 3, "the first works");
  const second = noting("second");
  second.start();
  const end = await leaseEnd();
  await until(
    async () => (await leaseEnd()) > end + 500,
    "the first has renewed its lease while the second asked for it",
  );
  expect(new Set(seen)).toEqual(new Set(["first"]));
  await first.stop();
  await until(() => seen.includes("second"), "the second takes over");
  const { pool } = sut.runtime.database;
  // Somebody else got the lease meanwhile, as after a pause of the whole process.
  await pool.query(
    "UPDATE leases SET owner = 'third', lease_until = now() + interval '1 hour'",
  );
  await until(() => !second.isHolder, "the second notices");
  const count = seen.length;
  await sleep(100);
  expect(seen).toHaveLength(count);
  // The third is killed, and its lease runs out.
  await pool.query("UPDATE leases SET lease_until = now()");
  await until(() => seen.length > count, "the second takes over again");
  await second.stop();
});
