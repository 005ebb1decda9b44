import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { GitHubError } from "@pullwright/github";
import { until } from "@pullwright/testing";
import {
  orchestration,
  quickTiming,
  type Orchestration,
} from "../__fixtures__/orchestration.js";
import { defaultTiming } from "../timing.js";
import { DeliveryWorker } from "./delivery-worker.js";
import { leftToNewer, type Handled, type NotYet } from "./handled.js";

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration({ started: false });
});
afterAll(() => sut.close());

/** Delivers once and answers as long as it stays open; tells how often the handler was asked. */
async function handledBy(
  handle: (tries: number) => Promise<Handled | NotYet>,
): Promise<{ tries: number; verdict: string | null; reason: string | null }> {
  const id = await sut.deliver("issues", sut.about(1, "labeled"));
  let tries = 0;
  const { logger, metrics, stores } = sut.runtime;
  const worker = new DeliveryWorker({
    stores,
    handle: () => handle((tries += 1)),
    timing: { ...quickTiming, retry: { baseMs: 1, maxMs: 5 } },
    logger,
    metrics,
  });
  const read = async () =>
    (
      await sut.runtime.database.pool.query<{
        verdict: string | null;
        verdict_reason: string | null;
      }>("SELECT verdict, verdict_reason FROM deliveries WHERE id = $1", [id])
    ).rows[0];
  await until(async () => {
    await worker.answer(id);
    return (await read())?.verdict !== null;
  }, "the delivery is settled");
  const row = await read();
  return {
    tries,
    verdict: row?.verdict ?? null,
    reason: row?.verdict_reason ?? null,
  };
}

const done: Handled = { verdict: "ignored", reason: "done" };

describe("a delivery", () => {
  test("is looked at again while GitHub's history lags behind, and ignored when that goes on", async () => {
    const notYet = { verdict: "not_yet", reason: "no event yet" } as const;
    expect(
      await handledBy((tries) => Promise.resolve(tries < 3 ? notYet : done)),
    ).toEqual({ tries: 3, verdict: "ignored", reason: "done" });
    expect(await handledBy(() => Promise.resolve(notYet))).toEqual({
      tries: 5,
      verdict: "ignored",
      reason: "no event yet",
    });
  });

  test("for a newer version is put back however often it takes", async () => {
    const left = leftToNewer("a newer version wrote the run");
    expect(
      await handledBy((tries) => Promise.resolve(tries < 12 ? left : done)),
    ).toEqual({ tries: 12, verdict: "ignored", reason: "done" });
  });

  test("that ends whoever takes it does so ever more rarely, and is given up at last", async () => {
    const id = await sut.deliver("issues", sut.about(1, "labeled"));
    const { logger, metrics, stores, database } = sut.runtime;
    const { deliveryHoldMs } = defaultTiming;
    const held: number[] = [];
    for (let lost = 0; lost < 10; lost += 1) {
      expect(await stores.deliveries.take(id, deliveryHoldMs)).toMatchObject({
        lostTakes: lost,
      });
      const { rows } = await database.pool.query<{ holds: number }>(
        `UPDATE deliveries d SET handling_until = now() - interval '1 second' FROM deliveries before
          WHERE d.id = $1 AND before.id = d.id RETURNING round(extract(epoch FROM before.handling_until - now()) * 1000 / $2)::int AS holds`,
        [id, deliveryHoldMs],
      );
      held.push(rows[0]?.holds ?? 0);
    }
    expect(held).toEqual([1, 1, 1, 2, 4, 8, 16, 32, 32, 32]);
    let tries = 0;
    const worker = new DeliveryWorker({
      stores,
      handle: () => Promise.resolve(((tries += 1), done)),
      timing: defaultTiming,
      logger,
      metrics,
    });
    await worker.answer(id);
    const { rows } = await database.pool.query(
      "SELECT verdict, verdict_reason FROM deliveries WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([
      {
        verdict: "failed",
        verdict_reason: "Whoever handled it ended without a word, 10 times.",
      },
    ]);
    expect(tries).toBe(0);
  });

  test("outlasts any number of GitHub's faults", async () => {
    const away = new GitHubError("unavailable", "GitHub is away");
    expect(
      await handledBy((tries) =>
        tries < 12 ? Promise.reject(away) : Promise.resolve(done),
      ),
    ).toMatchObject({ tries: 12, reason: "done" });
  });

  test.each(["forbidden", "unauthorized", "not_found", "validation"] as const)(
    "that GitHub refuses (%s) is tried once an hour at last, says why meanwhile, and is handled once a person has mended it",
    async (fault) => {
      const refused = new GitHubError(fault, `GitHub says ${fault}`);
      const id = await sut.deliver("issues", sut.about(1, "labeled"));
      const { logger, metrics, stores, database } = sut.runtime;
      const answers = [() => Promise.reject(refused)];
      const worker = new DeliveryWorker({
        stores,
        handle: () => answers.pop()?.() ?? Promise.resolve(done),
        timing: defaultTiming,
        logger,
        metrics,
      });
      const rows = async (change: string) =>
        (
          await database.pool.query<Record<string, unknown>>(
            `UPDATE deliveries SET ${change} WHERE id = $1
             RETURNING verdict, verdict_reason, extract(epoch FROM handling_until - now())::float / 60 AS minutes`,
            [id],
          )
        ).rows[0];
      await rows("failures = 20");
      await worker.answer(id);
      const row = await rows("failures = failures");
      expect(row).toMatchObject({
        verdict: null,
        verdict_reason: `GitHub says ${fault}`,
      });
      expect(row?.["minutes"]).toBeGreaterThan(29);
      expect(row?.["minutes"]).toBeLessThanOrEqual(60);
      await rows("handling_until = now() - interval '1 second'");
      await worker.answer(id);
      expect(await rows("failures = failures")).toMatchObject({
        verdict: "ignored",
        verdict_reason: "done",
      });
    },
  );

  test("that GitHub refuses for more than three days ends as failed, with the reason", async () => {
    expect(
      await handledBy(async (tries) => {
        if (tries === 4)
          await sut.runtime.database.pool.query(
            "UPDATE deliveries SET received_at = now() - interval '73 hours' WHERE verdict IS NULL",
          );
        throw new GitHubError("forbidden", "GitHub forbids it");
      }),
    ).toEqual({ tries: 5, verdict: "failed", reason: "GitHub forbids it" });
  });

  test("has all its tries left for other troubles once GitHub is back", async () => {
    const away = new GitHubError("unavailable", "GitHub is away");
    const notYet = { verdict: "not_yet", reason: "no event yet" } as const;
    const left = leftToNewer("a newer version wrote the run");
    const troubles = [
      () => Promise.reject(away),
      () => Promise.resolve(left),
      () => Promise.reject(away),
      () => Promise.reject(away),
      () => Promise.resolve(notYet),
      () => Promise.reject(away),
      () => Promise.reject(new TypeError("a slip")),
      () => Promise.resolve(notYet),
    ];
    expect(
      await handledBy(
        (tries) => troubles[tries - 1]?.() ?? Promise.resolve(done),
      ),
    ).toEqual({ tries: 9, verdict: "ignored", reason: "done" });
  });

  test("that our own code cannot handle ends as failed after a few tries, with the reason", async () => {
    expect(
      await handledBy(() => Promise.reject(new TypeError("poison"))),
    ).toEqual({ tries: 5, verdict: "failed", reason: "poison" });
  });

  test("is handled by one of many who answer at once", async () => {
    const id = await sut.deliver("issues", sut.about(1, "labeled"));
    const { logger, metrics, stores } = sut.runtime;
    let asked = 0;
    const workers = Array.from(
      { length: 10 },
      () =>
        new DeliveryWorker({
          stores,
          handle: () => {
            asked += 1;
            return Promise.resolve(done);
          },
          timing: quickTiming,
          logger,
          metrics,
        }),
    );
    await Promise.all(workers.map((worker) => worker.answer(id)));
    expect(asked).toBe(1);
  });
});
