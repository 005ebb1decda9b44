import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { loadConfig } from "@pullwright/platform";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  freePort,
  linkTo,
  until,
  type TestDatabase,
} from "@pullwright/testing";
import { createServer } from "node:net";
import { once } from "node:events";
import {
  migrateDatabase,
  openRuntime,
  serveHealth,
  type Runtime,
} from "./index.js";

let database: TestDatabase;
let runtime: Runtime;
beforeEach(async () => {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  database = await createTestDatabase({ template: "pullwright_with_queue" });
  runtime = await openRuntime(
    "spec",
    loadConfig({
      DATABASE_URL: database.url,
      HOST: "127.0.0.1",
      PORT: "0",
      METRICS: "open",
      LOG_LEVEL: "fatal",
    }),
  );
});
afterEach(async () => {
  await runtime.shutdown.run("the spec ends");
  await database.drop();
});

const onPort = (port: number): Runtime => ({
  ...runtime,
  config: { ...runtime.config, http: { ...runtime.config.http, port } },
});
const status = async (url: string) => (await fetch(url)).status;

test("the process lives while its service starts, is ready once it has, and not any more once it ends", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port.toString()}`;
  const seen: number[] = [];
  const look = async () => {
    seen.push(await status(`${url}/health`));
    seen.push(await status(`${url}/health/ready`));
  };
  const served = await serveHealth(onPort(port), "spec", async () => {
    await look();
    runtime.shutdown.add("service", look);
  });
  expect(served).toEqual({ url });
  await look();
  expect(await status(`${url}/metrics`)).toBe(200);
  expect(await runtime.shutdown.run("the spec ends")).toBe(true);
  expect(seen).toEqual([200, 503, 200, 200, 200, 503]);
  await expect(fetch(url)).rejects.toThrow();
});

test("a service whose port is taken does not start", async () => {
  const port = await freePort();
  const other = createServer().listen(port, "127.0.0.1");
  await once(other, "listening");
  let isStarted = false;
  const start = () => Promise.resolve((isStarted = true));
  await expect(serveHealth(onPort(port), "spec", start)).rejects.toThrow(
    /PORT: \d+ on 127\.0\.0\.1 is taken/,
  );
  expect(isStarted).toBe(false);
  other.close();
});

test("metrics that need a key can be read while Postgres is away, with a key that was good lately", async () => {
  const { link, url: databaseUrl } = await linkTo(database.url);
  const environment = { DATABASE_URL: databaseUrl, HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "fatal" }; // prettier-ignore
  const wired = await openRuntime("spec", loadConfig(environment));
  const { url } = await serveHealth(wired, "spec", () => Promise.resolve());
  for (const key of ["pw_scraper", "pw_stranger"])
    await wired.stores.apiKeys.store({ key, name: key, scopes: ["read"] });
  const read = async (key: string) =>
    fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  expect((await read("pw_scraper")).status).toBe(200);
  await link.cut();
  const answer = await read("pw_scraper");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain("pullwright_");
  const unknown = await read("pw_stranger");
  expect(unknown.status).toBe(503);
  expect(unknown.headers.get("content-type")).toMatch(
    "application/problem+json",
  );
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  await link.restore();
  await until(
    async () => (await read("pw_stranger")).status === 200,
    "Postgres is back",
  );
  await wired.shutdown.run("the spec ends");
  await link.close();
});
