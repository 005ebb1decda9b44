import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createGitHub } from "@pullwright/github";
import {
  createShutdown,
  HealthRegistry,
  loadConfig,
} from "@pullwright/platform";
import { createQueues } from "@pullwright/queue";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import { serveOrchestrator } from "./start-orchestrator.js";

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration({ started: false });
});
afterAll(() => sut.close());

test("alone it says whether it is ready, shows its metrics, works, and ends when asked", async () => {
  const { config, logger, database, databaseUrl } = sut.runtime;
  const shutdown = createShutdown({ logger });
  const health = new HealthRegistry();
  health.register("postgres", () => database.pool.query("SELECT 1"));
  const queues = createQueues({ databaseUrl, logger });
  shutdown.add("queue", () => queues.close(2_000));
  const http = {
    ...config.http,
    ...loadConfig({ PORT: "0", HOST: "127.0.0.1", METRICS: "open" }).http,
  };
  sut.github.faults.add({
    kind: "status",
    status: 503,
    match: { path: /\/user$/ },
  });
  const { url } = await serveOrchestrator(
    { ...sut.runtime, config: { ...config, http }, health, queues, shutdown },
    createGitHub(config.github),
  );
  const status = async (path: string) => (await fetch(`${url}${path}`)).status;

  expect(await status("/health")).toBe(200);
  expect(await status("/health/ready")).toBe(503); // Who we are is not known yet.
  sut.github.faults.clear();
  await until(
    async () => (await status("/health/ready")) === 200,
    "it is ready once GitHub has said who we are",
  );
  sut.github.faults.add({ kind: "status", status: 503 });
  expect(await status("/health/ready")).toBe(200);
  sut.github.faults.clear();

  sut.github.addLabel(repo, sut.issue(), "adw", "ada");
  await sut.quiet();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/deliveries_total\{[^}]*verdict="started"[^}]*\} 1/);
  expect(metrics).toMatch(/effects_total\{[^}]*kind="status_comment"/);
  expect(metrics).toMatch(/delivery_to_run_seconds_count\{[^}]*\} 1/);
  expect(metrics).toMatch(/phases_queued\{why="runner"[^}]*\} 1/);

  expect(await shutdown.run("the spec ends")).toBe(true);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});
