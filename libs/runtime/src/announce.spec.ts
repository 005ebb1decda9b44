import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { loadConfig } from "@pullwright/platform";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  until,
  type TestDatabase,
} from "@pullwright/testing";
import { migrateDatabase, openRuntime, type Runtime } from "./index.js";

let database: TestDatabase;
let runtime: Runtime;
beforeAll(async () => {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  database = await createTestDatabase({ template: "pullwright_with_queue" });
  const config = loadConfig({ DATABASE_URL: database.url, LOG_LEVEL: "fatal" });
  runtime = await openRuntime("spec", config);
});
afterAll(async () => {
  await runtime.shutdown.run("the spec ends");
  await database.drop();
});

test("phases whose rings are all gone are each rung for again, at once", async () => {
  const heard = new Set<string>();
  const ids = [randomUUID(), randomUUID(), randomUUID()];
  runtime.queues.work(
    "phases",
    {
      "phase.queued": ({ phaseRunId }) => {
        heard.add(phaseRunId);
        return Promise.resolve();
      },
    },
    { concurrency: 2 },
  );
  await runtime.announce({
    doorbells: ids.map((phaseRunId) => ({
      name: "phase.queued",
      payload: { v: 1, phaseRunId, fence: 1 },
      insists: true,
    })),
    live: [],
  });
  await until(() => heard.size === ids.length, "each is heard of");
  expect([...heard].toSorted()).toEqual(ids.toSorted());
});
