import { expect, it } from "@jest/globals";
import { loadConfig } from "@pullwright/platform";
import { freePort } from "@pullwright/testing";
import { startWorld } from "./__fixtures__/installation.js";
import { startAll } from "./start-all.js";

it("is not ready before all services have started, and knows its repositories by then", async () => {
  const world = await startWorld();
  const config = loadConfig({
    ...world.environment,
    PORT: String(await freePort()),
    WEBHOOK_PORT: String(await freePort()),
  });
  world.github.faults.add({
    kind: "stall",
    stallMs: 2_000,
    times: 1,
    match: { method: "GET", path: /\/repos\/acme\/shop$/ },
  });
  const address = `http://127.0.0.1:${config.http.port}/health/ready`;
  const ask = () =>
    fetch(address).then(
      ({ status }) => status,
      () => null, // Nobody listens yet.
    );
  const asked: (number | null)[] = [];
  const started = new AbortController();
  const isStarting = () => !started.signal.aborted;
  const asking = (async () => {
    while (isStarting()) {
      const answer = await ask();
      // One that was given as the start ended says nothing of the time before.
      if (isStarting()) asked.push(answer);
    }
  })();
  const { runtime } = await startAll(config).finally(() => {
    started.abort();
  });
  try {
    await asking;
    expect(new Set(asked)).toEqual(new Set([null, 503]));
    expect(await runtime.stores.repositories.list()).toHaveLength(1);
  } finally {
    await runtime.shutdown.run("the spec is over");
    await world.close();
  }
});
