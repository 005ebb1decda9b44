import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { fastify, type FastifyInstance } from "fastify";
import { HealthRegistry } from "../health/health-registry.js";
import { createMetrics } from "../metrics/metrics.js";
import { bearerOf, serveServiceEndpoints } from "./service-endpoints.js";

let app: FastifyInstance;
let health: HealthRegistry;
beforeEach(() => {
  app = fastify();
  health = new HealthRegistry();
});
afterEach(() => app.close());

const get = (url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers });

test("a process that runs is healthy, also while what it needs is away", async () => {
  health.register("postgres", () => Promise.reject(new Error("away")));
  serveServiceEndpoints(app, { health, metrics: createMetrics("spec") });
  expect((await get("/health")).statusCode).toBe(200);
  const ready = await get("/health/ready");
  expect(ready.statusCode).toBe(503);
  expect(ready.json()).toMatchObject({
    status: "unavailable",
    checks: { postgres: { status: "failed" } },
  });
});

test("a process that ends is healthy and not ready", async () => {
  serveServiceEndpoints(app, { health, metrics: createMetrics("spec") });
  expect((await get("/health/ready")).statusCode).toBe(200);
  health.stop();
  expect((await get("/health/ready")).statusCode).toBe(503);
  expect((await get("/health")).statusCode).toBe(200);
});

test("metrics are for those who may read them", async () => {
  const metrics = createMetrics("spec");
  metrics.counter({ name: "spec_total", help: "Counts." }).inc();
  serveServiceEndpoints(app, {
    health,
    metrics,
    mayReadMetrics: (request) =>
      Promise.resolve(bearerOf(request) === "p@ss!word"),
  });
  expect((await get("/metrics")).statusCode).toBe(401);
  expect(
    (await get("/metrics", { authorization: "Bearer no" })).statusCode,
  ).toBe(401);
  const allowed = await get("/metrics", { authorization: "Bearer p@ss!word" });
  expect(allowed.statusCode).toBe(200);
  expect(allowed.body).toContain("pullwright_spec_total");
});

test("metrics are unavailable to a key that nobody can judge now", async () => {
  serveServiceEndpoints(app, {
    health,
    metrics: createMetrics("spec"),
    mayReadMetrics: () => Promise.reject(new Error("Postgres is away.")),
  });
  const answer = await get("/metrics");
  expect(answer.statusCode).toBe(503);
  expect(answer.headers["content-type"]).toMatch("application/problem+json");
  expect(answer.json()).toMatchObject({ status: 503 });
});
