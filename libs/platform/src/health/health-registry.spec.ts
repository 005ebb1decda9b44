import { expect, test } from "@jest/globals";
import { AppError } from "../error/app-error.js";
import { HealthRegistry } from "./health-registry.js";

const never = () => new Promise<never>(() => undefined);

test("ready when every check passes", async () => {
  const health = new HealthRegistry();
  health.register("postgres", () => Promise.resolve());
  expect(await health.ready()).toMatchObject({
    status: "ok",
    checks: { postgres: { status: "ok" } },
  });
});

test("a failing check names itself, and tells strangers only what is meant for them", async () => {
  const health = new HealthRegistry();
  health.register("postgres", () =>
    Promise.reject(new Error("password of me@10.0.0.7 is wrong")),
  );
  health.register("redis", () =>
    Promise.reject(
      new AppError("redis_evicts", "Redis drops jobs.", { expose: true }),
    ),
  );
  health.register("github", () =>
    Promise.reject(new AppError("github_down", "token abc")),
  );
  const { status, checks } = await health.ready();
  expect(status).toBe("unavailable");
  expect(checks["postgres"]?.reason).toBe("failed");
  expect(checks["redis"]?.reason).toBe("Redis drops jobs.");
  expect(checks["github"]?.reason).toBe("github_down");
});

test("a check that throws at once fails alone", async () => {
  const health = new HealthRegistry();
  health.register("odd", () => {
    throw new Error("odd");
  });
  health.register("even", () => Promise.resolve());
  const { checks } = await health.ready();
  expect([checks["odd"]?.status, checks["even"]?.status]).toEqual([
    "failed",
    "ok",
  ]);
});

test("a check that hangs is not ready in time, and is asked once however often one looks", async () => {
  let asked = 0;
  const health = new HealthRegistry();
  const check = () => {
    asked += 1;
    return never();
  };
  health.register("hung", check, { timeoutMs: 50 });
  const startedAt = performance.now();
  const reports = await Promise.all([health.ready(), health.ready()]);
  await health.ready();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(reports[0].checks["hung"]?.reason).toBe(
    "The check of hung took longer than 50 ms",
  );
  expect(asked).toBe(1);
});

test("alive whatever the checks say, and not ready once it ends", async () => {
  const health = new HealthRegistry();
  health.register("postgres", () => Promise.resolve());
  health.stop();
  expect((await health.ready()).status).toBe("unavailable");
  expect(health.live().status).toBe("ok");
});

test("a check's failure is told once, and so is that it works again", async () => {
  const told: string[] = [];
  const health = new HealthRegistry((name, { status, reason }) =>
    told.push([name, status, reason].join(" ").trim()),
  );
  let works = true;
  health.register("redis", () =>
    works
      ? Promise.resolve()
      : Promise.reject(
          new AppError("redis_evicts", "Redis drops jobs.", { expose: true }),
        ),
  );
  health.register("postgres", () => Promise.resolve());
  await health.ready();
  expect(told).toEqual([]);
  works = false;
  await health.ready();
  await health.ready();
  works = true;
  await health.ready();
  await health.ready();
  expect(told).toEqual(["redis failed Redis drops jobs.", "redis ok"]);
});
