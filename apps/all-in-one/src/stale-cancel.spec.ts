import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { sleep } from "@pullwright/platform";
import { openRuntime, type Runtime } from "@pullwright/runtime";
import {
  hasRedisServer,
  startRedisServer,
  type OwnRedis,
} from "@pullwright/testing";
import {
  eventually,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

/** No heartbeat comes while these specs wait for something. */
const HEARTBEAT_SECONDS = 60;
/** What a cancel takes that is heard of by its live event alone: the agent's tree ends well within it. */
const QUICKLY_MS = 20_000;

const redis: OwnRedis | undefined = hasRedisServer()
  ? await startRedisServer()
  : undefined;
let sut: Installation;
let elsewhere: Runtime;
beforeAll(async () => {
  sut = await startInstallation({
    redisUrl: redis?.url,
    environment: {
      HEARTBEAT_INTERVAL_SECONDS: HEARTBEAT_SECONDS.toString(),
      HEARTBEAT_TIMEOUT_SECONDS: (8 * HEARTBEAT_SECONDS).toString(),
    },
  });
  elsewhere = await openRuntime("api", sut.config);
});
afterAll(() => elsewhere.shutdown.run("the spec ends"));
afterAll(() => sut.stop());
afterAll(() => redis?.close());

it("a cancel that is heard long after its execution leaves the next one alone; a new one still comes at once", async () => {
  const { adw_id: adwId, issue_number: issue } = await sut.run({
    body: "agent: hang",
    until: ["running"],
  });
  const command = (name: string) =>
    sut.call(`/api/workflows/${adwId}/${name}`, { method: "POST", body: {} });
  const atWork = (agents: number) =>
    eventually(async () => {
      const begun = (await sut.logsOf(adwId)).match(/left a child \d+/g);
      expect(begun).toHaveLength(agents);
    }, 60_000);
  const cancelQuickly = async () => {
    const askedAt = performance.now();
    await command("cancel");
    await sut.runOf(issue, ["cancelled"]);
    expect(performance.now() - askedAt).toBeLessThan(QUICKLY_MS);
  };
  await atWork(1);
  await cancelQuickly();
  await command("retry");
  await atWork(2);

  const run = await elsewhere.stores.runs.byAdwId(adwId);
  const runId = run?.id ?? "";
  elsewhere.queues.publish({ type: "cancel.requested", runId, adwId });
  await sleep(3_000);
  expect((await sut.runOf(issue, ["running", "cancelled"])).status).toBe(
    "running",
  );
  await atWork(2);
  await cancelQuickly();
});
