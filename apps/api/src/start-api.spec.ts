import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { sleep } from "@pullwright/platform";
import { until } from "@pullwright/testing";
import { call, sendRaw } from "./__fixtures__/call.js";
import { listen } from "./__fixtures__/listen.js";
import { lockTable, someoneWaits } from "./__fixtures__/lock-table.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "./__fixtures__/running-api.js";

/** Below the time that the last answers have. */
const SOON_MS = 5_000;

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApiUnderTest();
});
afterEach(() => api.close());

describe("a service that is told to end", () => {
  test("answers what it was asked before", async () => {
    const unlock = await lockTable(api, "api_keys");
    const answer = call(api, "listRepositories");
    await until(() => someoneWaits(api), "the look-up waits");
    const ended = api.runtime.shutdown.run("the spec ends");
    await sleep(300);
    await unlock();
    expect((await answer).body.total).toBe(1);
    expect(await ended).toBe(true);
  });

  test("does not wait for the end of a stream that was asked for before", async () => {
    const unlock = await lockTable(api, "api_keys");
    const stream = listen(api, "/api/events");
    await until(() => someoneWaits(api), "the look-up waits");
    const startedAt = performance.now();
    const ended = api.runtime.shutdown.run("the spec ends");
    await sleep(300);
    await unlock();
    await (
      await stream
    ).ended;
    expect(await ended).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(SOON_MS);
  });

  test("is not ready any more from the signal on", async () => {
    const ready = async () =>
      (await sendRaw(api, "GET", "/health/ready", { key: null })).status;
    const seen = [await ready()];
    api.runtime.shutdown.add("first", async () => seen.push(await ready()));
    await api.runtime.shutdown.run("the spec ends");
    expect(seen).toEqual([200, 503]);
  });
});
