import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from "@jest/globals";
import type { LiveEvent } from "@pullwright/contracts";
import { createMetrics, createSilentLogger, sleep } from "@pullwright/platform";
import {
  adminUrl,
  createTestDatabase,
  ensureTemplateDatabase,
  linkTo,
  redisForTests,
  until,
  type TcpLink,
} from "@pullwright/testing";
import { randomUUID } from "node:crypto";
import {
  createQueues,
  migrateQueueSchema,
  type Queues,
  type QueuesOptions,
} from "./index.js";

const redis = await redisForTests();
const kinds = redis
  ? (["redis", "postgres"] as const)
  : (["postgres"] as const);

afterAll(() => redis?.close());

describe.each(kinds)("the queue on %s", (kind) => {
  let link: TcpLink;
  let address: Pick<QueuesOptions, "redisUrl" | "databaseUrl" | "prefix">;
  let dropDatabase: () => Promise<void>;
  const open: Queues[] = [];

  beforeAll(async () => {
    if (kind === "postgres")
      await ensureTemplateDatabase("template_queue", migrateQueueSchema);
    ({ link } = await linkTo(
      kind === "redis" ? (redis?.url ?? "") : await adminUrl(),
    ));
  });
  afterAll(() => link.close());

  // Nothing of one test is left for the next.
  beforeEach(async () => {
    const database =
      kind === "postgres"
        ? await createTestDatabase({ template: "template_queue" })
        : undefined;
    const url = new URL(database?.url ?? redis?.url ?? "");
    url.host = `127.0.0.1:${link.port.toString()}`;
    address = database
      ? { databaseUrl: url.href }
      : { redisUrl: url.href, prefix: `test-${randomUUID()}` };
    dropDatabase = () => database?.drop() ?? Promise.resolve();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((queues) => queues.close(1_000)));
    await until(() => link.connections === 0, "every connection is closed");
    await dropDatabase();
  });

  const openQueues = (options: Partial<QueuesOptions> = {}) => {
    const queues = createQueues({
      ...address,
      logger: createSilentLogger(),
      ...options,
    });
    open.push(queues);
    return queues;
  };
  const phase = (fence = 0) => ({
    v: 1 as const,
    phaseRunId: randomUUID(),
    fence,
  });

  /** A worker that only remembers whom it heard. */
  const listen = (
    queues: Queues,
    act: (id: string, signal: AbortSignal) => Promise<void> = () =>
      Promise.resolve(),
  ) => {
    const heard: string[] = [];
    const worker = queues.work(
      "phases",
      {
        "phase.queued": async ({ phaseRunId }, { signal }) => {
          heard.push(phaseRunId);
          await act(phaseRunId, signal);
        },
      },
      { concurrency: 4 },
    );
    return { heard, worker };
  };

  const run = () => openQueues();
  const rung = async (queues: Queues, payload = phase()) => {
    await until(
      async () => (await queues.ring("phase.queued", payload)) === "rung",
      "a ring gets through",
    );
    return payload.phaseRunId;
  };

  describe("while the server is away", () => {
    afterEach(async () => {
      await link.restore();
    });

    test("a ring is turned down quickly, and the worker goes on by itself afterwards", async () => {
      const queues = run();
      const { heard } = listen(queues);
      await rung(queues);
      await until(() => heard.length === 1, "it works");
      await link.cut();
      const startedAt = performance.now();
      expect(await queues.ring("phase.queued", phase())).toBe("unavailable");
      expect(performance.now() - startedAt).toBeLessThan(1_700);
      await expect(queues.check()).rejects.toThrow("does not answer");
      await link.restore();
      const id = await rung(queues);
      await until(() => heard.includes(id), "the worker hears again");
      await expect(queues.check()).resolves.toBeUndefined();
      await link.cut();
    });

    test("a process may start, and works once the server is there", async () => {
      await link.cut();
      const queues = run();
      const { heard } = listen(queues);
      const events: LiveEvent[] = [];
      queues.subscribe((event) => void events.push(event));
      expect(await queues.ring("phase.queued", phase())).toBe("unavailable");
      await sleep(500);
      await link.restore();
      const id = await rung(queues);
      await until(() => heard.includes(id), "the worker hears");
      await until(() => {
        queues.publish(cancel());
        return events.length > 0;
      }, "live events come");
      await link.cut();
    });

    test("close does not hang", async () => {
      const queues = run();
      listen(queues);
      await rung(queues);
      await link.cut();
      const startedAt = performance.now();
      await queues.close(1_000);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    });
  });

  describe("while the server hangs", () => {
    afterEach(() => link.thaw());

    test("a ring is turned down in time, and the worker goes on afterwards", async () => {
      const queues = run();
      const { heard } = listen(queues);
      await rung(queues);
      await until(() => heard.length === 1, "it works");
      link.freeze();
      const startedAt = performance.now();
      const outcomes = await Promise.all(
        [1, 2, 3, 4, 5, 6].map(() => queues.ring("phase.queued", phase())),
      );
      expect(new Set(outcomes)).toEqual(new Set(["unavailable"]));
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      link.thaw();
      const id = await rung(queues);
      await until(() => heard.includes(id), "the worker hears again");
    });
  });

  test("a ring reaches its handler with its payload, and leaves nothing behind", async () => {
    const queues = run();
    const { heard } = listen(queues);
    const id = await rung(queues);
    await until(() => heard.includes(id), "the handler hears");
    await until(async () => (await countJobs(queues)) === 0, "the job is gone");
  });

  test("a ring that is doubled while the first waits is answered once, the next fence once more", async () => {
    const queues = run();
    const payload = phase();
    await rung(queues, payload);
    await rung(queues, payload);
    await rung(queues, { ...payload, fence: 1 });
    const { heard } = listen(queues);
    await until(() => heard.length === 2, "both fences are heard");
    await sleep(200);
    expect(heard).toEqual([payload.phaseRunId, payload.phaseRunId]);
  });

  test("the same ring can be rung again once it was answered", async () => {
    const queues = run();
    const { heard } = listen(queues);
    const payload = phase();
    await rung(queues, payload);
    await until(
      async () => heard.length === 1 && (await countJobs(queues)) === 0,
      "the first is done",
    );
    await rung(queues, payload);
    await until(() => heard.length === 2, "the second is heard");
  });

  test("a ring that insists is heard while the one before is being answered, and once however often it is made", async () => {
    const queues = run();
    let release = () => {}; // Replaced at once, by the promise's constructor.
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { heard } = listen(queues, () => released);
    const payload = phase();
    await rung(queues, payload);
    await until(() => heard.length === 1, "the first is being answered");
    await rung(queues, payload);
    await sleep(300);
    expect(heard).toHaveLength(1);
    // Ten seconds are one; a test that begins at the end of them has two.
    for (let again = 0; again < 4; again += 1) await queues.insist(payload);
    await until(() => heard.length > 1, "it is heard again");
    await sleep(300);
    expect(heard.length).toBeLessThanOrEqual(3);
    release();
  });

  test("a payload that is none is refused before it is rung", async () => {
    const queues = run();
    const wrong = { ...phase(), phaseRunId: "7" };
    await expect(queues.ring("phase.queued", wrong)).rejects.toThrow(
      "Invalid UUID",
    );
  });

  test.each([
    [
      "a payload of another version",
      "phase.queued",
      { v: 9, phaseRunId: randomUUID(), fence: 0 },
    ],
    [
      "a job of another queue",
      "effect.due",
      { v: 1, effectId: randomUUID(), rev: 0 },
    ],
    ["a job that nobody knows", "phase.exploded", {}],
  ])(
    "%s is thrown away once, and the queue goes on",
    async (_what, name, data) => {
      const metrics = createMetrics("spec");
      const queues = openQueues({ metrics });
      await rung(queues); // The connection stands.
      const phases = queues
        .bullBoardQueues()
        .find((queue) => queue.name === "phases");
      await phases?.add(name, data, {
        jobId: `x_${randomUUID()}`,
        attempts: 5,
      });
      const { heard } = listen(queues);
      await until(
        async () => heard.length === 1 && (await countJobs(queues)) === 0,
        "both are gone",
      );
      const { body } = await metrics.render();
      expect(body).toMatch(
        /pullwright_queue_jobs_total\{job="[a-z.]+",outcome="invalid",service="spec"\} 1/,
      );
    },
  );

  test("a handler that throws is not tried again by the queue", async () => {
    const queues = run();
    const { heard } = listen(queues, () =>
      Promise.reject(new Error("no luck")),
    );
    await rung(queues);
    await until(
      async () => heard.length === 1 && (await countJobs(queues)) === 0,
      "the job is gone",
    );
    await sleep(200);
    expect(heard).toHaveLength(1);
  });

  test("a paused worker claims nothing until it is resumed", async () => {
    const queues = run();
    const { heard, worker } = listen(queues);
    await rung(queues);
    await until(
      async () => heard.length === 1 && (await countJobs(queues)) === 0,
      "it works",
    );
    await sleep(200); // A fetch that is on its way is let through.
    await worker.pause();
    await rung(queues);
    await sleep(300);
    expect(heard).toHaveLength(1);
    await worker.resume();
    await until(() => heard.length === 2, "it works again");
  });

  test("close waits for what runs", async () => {
    const queues = run();
    let finished = false;
    const { heard, worker } = listen(queues, async () => {
      await sleep(400);
      finished = true;
    });
    await rung(queues);
    await until(() => heard.length === 1, "the handler runs");
    expect(await worker.close(5_000)).toBe(true);
    expect(finished).toBe(true);
  });

  test("close gives up at its deadline and tells the handler", async () => {
    const queues = run();
    let told = false;
    const { heard, worker } = listen(queues, async (_id, signal) => {
      await sleep(20_000, signal);
      told = signal.aborted;
    });
    await rung(queues);
    await until(() => heard.length === 1, "the handler runs");
    const startedAt = performance.now();
    expect(await worker.close(300)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await until(() => told, "the handler is told");
  });

  test("live events reach every process, in order", async () => {
    const [teller, first, second] = [run(), run(), run()];
    const listening = new Set<Queues>();
    const heardBy = (queues: Queues) => {
      const heard: LiveEvent[] = [];
      queues.subscribe((event) => {
        if (event.type === "run.changed") heard.push(event);
        else listening.add(queues);
      });
      return heard;
    };
    const heard = [heardBy(first), heardBy(second)];
    await until(() => {
      teller.publish(cancel());
      return listening.size === 2;
    }, "both listen");
    const told = Array.from({ length: 300 }, (_, index) => changed(index));
    for (const event of told) teller.publish(event);
    await until(() => heard.every(({ length }) => length >= 300), "all arrive");
    expect(heard).toEqual([told, told]);
  });

  test("a flood of log lines arrives whole or says which lines to fetch", async () => {
    const queues = run();
    const covered: [number, number][] = [];
    let isListening = false;
    queues.subscribe((event) => {
      if (event.type === "log.appended")
        covered.push([event.fromSeq, event.toSeq]);
      else isListening = true;
    });
    await until(() => {
      queues.publish(cancel());
      return isListening;
    }, "it listens");
    for (let from = 1; from <= 50_000; from += 1_000)
      queues.publish(logged(from, 1_000));
    await until(
      () => covered.at(-1)?.[1] === 50_000,
      "the last line is told of",
    );
    let next = 1;
    for (const [from, to] of covered) {
      expect(from).toBe(next);
      next = to + 1;
    }
  });

  test("live events are dropped, not hoarded, while nobody takes them", async () => {
    const metrics = createMetrics("spec");
    const queues = openQueues({ metrics });
    await rung(queues);
    link.freeze();
    for (let index = 0; index < 5_000; index += 1)
      queues.publish(changed(index));
    link.thaw();
    const { body } = await metrics.render();
    const dropped =
      /live_events_total\{outcome="dropped",service="spec"\} (\d+)/.exec(
        body,
      )?.[1];
    expect(Number(dropped)).toBeGreaterThanOrEqual(3_000);
  });

  test("the depth of each queue can be read from the metrics", async () => {
    const metrics = createMetrics("spec");
    const queues = openQueues({ metrics });
    await rung(queues);
    const { body } = await metrics.render();
    expect(body).toContain(
      'pullwright_queue_depth{queue="phases",state="waiting",service="spec"} 1',
    );
    const { heard } = listen(queues);
    await until(() => heard.length > 0, "it is answered");
  });

  test("Bull Board gets every queue", () => {
    const names = run()
      .bullBoardQueues()
      .map(({ name }) => name);
    expect(names).toEqual(["pipeline-events", "phases", "effects"]);
  });

  test("three workers, rings and live events need few connections", async () => {
    const queues = run();
    const { heard } = listen(queues);
    queues.work(
      "effects",
      { "effect.due": () => Promise.resolve() },
      { concurrency: 4 },
    );
    queues.work(
      "pipeline-events",
      { "delivery.received": () => Promise.resolve() },
      { concurrency: 4 },
    );
    queues.subscribe(() => undefined);
    await Promise.all(Array.from({ length: 50 }, () => rung(queues)));
    await until(() => heard.length >= 50, "all are answered");
    await sleep(200);
    expect(link.connections).toBeLessThanOrEqual(kind === "redis" ? 6 : 8);
  });
});

async function countJobs(queues: Queues): Promise<number> {
  const counts = await Promise.all(
    queues.bullBoardQueues().map((queue) => queue.count()),
  );
  const active = await Promise.all(
    queues.bullBoardQueues().map((queue) => queue.getActiveCount()),
  );
  const failed = await Promise.all(
    queues.bullBoardQueues().map((queue) => queue.getFailedCount()),
  );
  return [...counts, ...active, ...failed].reduce(
    (sum, count) => sum + count,
    0,
  );
}

function cancel(): LiveEvent {
  return { type: "cancel.requested", runId: randomUUID(), adwId: "a1b2c3d4" };
}

const runId = randomUUID();

function changed(eventSeq: number): LiveEvent {
  return { type: "run.changed", runId, adwId: "a1b2c3d4", eventSeq };
}

function logged(fromSeq: number, count: number): LiveEvent {
  const lines = Array.from({ length: count }, (_, index) => ({
    seq: fromSeq + index,
    at: 0,
    level: "info",
    phase: "build",
    text: "compiling ünïcödé ".repeat(4),
  }));
  return {
    type: "log.appended",
    runId,
    adwId: "a1b2c3d4",
    fromSeq,
    toSeq: fromSeq + count - 1,
    lines,
  };
}
