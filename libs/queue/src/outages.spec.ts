import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  test,
} from "@jest/globals";
import {
  createSilentLogger,
  sleep,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from "@pullwright/platform";
import {
  createTestDatabase,
  hasRedisServer,
  startRedisServer,
  startTypescript,
  until,
  type OwnRedis,
} from "@pullwright/testing";
import { Redis } from "ioredis";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createQueues, migrateQueueSchema, type Queues } from "./index.js";

/** A server of the suite's own that it kills, stops and starts; the other suite's faults are made on the wire. */
interface Victim {
  readonly address: { redisUrl: string } | { databaseUrl: string };
  kill(): Promise<void>;
  restart(): Promise<void>;
  suspend(): void;
  resume(): void;
  close(): Promise<void>;
}

const starters = {
  ...(hasRedisServer() ? { redis: startRedis } : {}),
  postgres: startPostgres,
};

describe.each(Object.entries(starters))(
  "with a %s of its own",
  (kind, start) => {
    let victim: Victim;
    let queues: Queues;
    const heard: string[] = [];

    beforeAll(async () => {
      victim = await start();
      queues = createQueues({
        ...victim.address,
        logger: createSilentLogger(),
      });
      const hear = ({ phaseRunId }: { phaseRunId: string }) =>
        Promise.resolve(void heard.push(phaseRunId));
      queues.work("phases", { "phase.queued": hear }, { concurrency: 2 });
    });
    afterAll(async () => {
      await queues.close(1_000);
      await victim.close();
    });

    const works = async () => {
      const phaseRunId = randomUUID();
      let fence = 0;
      await until(
        async () => {
          // Rung anew as the reconciler would: the queue may lose a ring.
          if (fence % 20 === 0)
            await queues.ring("phase.queued", { v: 1, phaseRunId, fence });
          fence += 1;
          return heard.includes(phaseRunId);
        },
        "a ring is answered",
        20_000,
      );
    };

    test("the worker goes on after the server was killed and started again", async () => {
      await works();
      await victim.kill();
      expect(
        await queues.ring("phase.queued", {
          v: 1,
          phaseRunId: randomUUID(),
          fence: 0,
        }),
      ).toBe("unavailable");
      await sleep(1_500);
      await victim.restart();
      await works();
    });

    test("a ring that the server did not take is made again once it works, by the process that made it", async () => {
      await works();
      await victim.kill();
      const phaseRunId = randomUUID();
      const missed = { v: 1, phaseRunId, fence: 0 } as const;
      expect(await queues.ring("phase.queued", missed)).toBe("unavailable");
      await victim.restart();
      await until(
        () => heard.includes(phaseRunId),
        "it is heard without another ring",
        20_000,
      );
    });

    test("a ring answers in time while the server is stopped, and the worker goes on afterwards", async () => {
      await works();
      victim.suspend();
      const startedAt = performance.now();
      const outcome = await queues.ring("phase.queued", {
        v: 1,
        phaseRunId: randomUUID(),
        fence: 0,
      });
      expect([outcome, performance.now() - startedAt < 2_000]).toEqual([
        "unavailable",
        true,
      ]);
      await expect(queues.check()).rejects.toThrow("does not answer");
      victim.resume();
      await works();
    });

    test("live events come from other processes", async () => {
      const runId = randomUUID();
      const events: string[] = [];
      queues.subscribe((event) => {
        if (event.type === "cancel.requested") events.push(event.runId);
      });
      const [url] = Object.values(victim.address) as [string];
      const teller = startTypescript(
        new URL("./__fixtures__/tell.ts", import.meta.url),
        [kind, url, "pullwright", runId],
      );
      try {
        await until(() => events.includes(runId), "the other process is heard");
      } finally {
        teller.kill("SIGKILL");
      }
    });
  },
);

if (hasRedisServer()) {
  describe("on Redis", () => {
    let redis: OwnRedis;
    let queues: Queues;
    beforeAll(async () => {
      redis = await startRedisServer();
      queues = createQueues({
        redisUrl: redis.url,
        logger: createSilentLogger(),
      });
      await until(
        () =>
          queues.check().then(
            () => true,
            () => false,
          ),
        "it is ready",
      );
    });
    afterEach(() => command("CONFIG", "SET", "maxmemory-policy", "noeviction"));
    afterAll(async () => {
      await queues.close(1_000);
      await redis.close();
    });

    const command = async (name: string, ...argv: string[]) => {
      const client = new Redis(redis.url);
      await client.call(name, ...argv);
      client.disconnect();
    };

    test("a wiped server loses rings without an error, and takes the next ones", async () => {
      const payload = { v: 1 as const, phaseRunId: randomUUID(), fence: 0 };
      expect(await queues.ring("phase.queued", payload)).toBe("rung");
      await command("FLUSHALL");
      const heard: string[] = [];
      queues.work(
        "phases",
        {
          "phase.queued": ({ phaseRunId }) =>
            Promise.resolve(void heard.push(phaseRunId)),
        },
        { concurrency: 1 },
      );
      await sleep(200);
      expect(heard).toEqual([]);
      expect(await queues.ring("phase.queued", payload)).toBe("rung");
      await until(() => heard.length === 1, "the second ring is answered");
    });

    test("a wiped server is noticed once, by whichever process asks first", async () => {
      await queues.wasEmptied(); // Whatever was before.
      expect(await queues.wasEmptied()).toBe(false);
      await command("FLUSHALL");
      const asked = await Promise.all([
        queues.wasEmptied(),
        queues.wasEmptied(),
      ]);
      expect(asked.toSorted()).toEqual([false, true]);
    });

    test("a policy that drops keys makes the process not ready, at run time too", async () => {
      await command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
      await expect(queues.check()).rejects.toMatchObject({
        code: "redis_evicts",
        expose: true,
      });
      await command("CONFIG", "SET", "maxmemory-policy", "noeviction");
      await expect(queues.check()).resolves.toBeUndefined();
    });
  });
}

describe("on Postgres", () => {
  test("missing tables are told, and made once however many processes make them", async () => {
    const database = await createTestDatabase();
    const databaseUrl = database.url;
    const queues = createQueues({ databaseUrl, logger: createSilentLogger() });
    await expect(queues.check()).rejects.toMatchObject({
      code: "queue_schema_missing",
      expose: true,
    });
    await Promise.all([
      migrateQueueSchema(databaseUrl),
      migrateQueueSchema(databaseUrl),
      migrateQueueSchema(databaseUrl),
    ]);
    await expect(queues.check()).resolves.toBeUndefined();
    await queues.close(1_000);
    await database.drop();
  });
});

async function startRedis(): Promise<Victim> {
  const redis = await startRedisServer();
  return { ...redis, address: { redisUrl: redis.url } };
}

async function startPostgres(): Promise<Victim> {
  const folder = await mkdtemp(join(tmpdir(), "pullwright-queue-postgres-"));
  await chmod(folder, 0o711);
  const dataDir = join(folder, "postgres");
  let postgres = await startEmbeddedPostgres({ dataDir });
  const { port } = postgres;
  const pid = ({ folder: home }: EmbeddedPostgres) =>
    Number(
      readFileSync(join(home, "data", "postmaster.pid"), "utf8").split("\n")[0],
    );
  await migrateQueueSchema(postgres.url);
  return {
    address: { databaseUrl: postgres.url },
    kill: () => {
      signalAll(pid(postgres), "SIGKILL");
      return Promise.resolve();
    },
    restart: async () => {
      postgres = await startEmbeddedPostgres({ dataDir, port });
    },
    suspend: () => signalAll(pid(postgres), "SIGSTOP"),
    resume: () => signalAll(pid(postgres), "SIGCONT"),
    close: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A hung or dead Postgres is its postmaster and all its backends. */
function signalAll(postmaster: number, signal: NodeJS.Signals): void {
  const children = readFileSync(
    `/proc/${postmaster.toString()}/task/${postmaster.toString()}/children`,
    "utf8",
  );
  for (const pid of [
    postmaster,
    ...children.trim().split(/\s+/).filter(Boolean).map(Number),
  ])
    process.kill(pid, signal);
}
