import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  claim,
  exitCodes,
  fail,
  finish,
  pullwright,
  startApiUnderTest,
  trigger,
  type ApiUnderTest,
} from "../__fixtures__/cli-under-test.js";
import { startFront, type Front } from "../__fixtures__/front.js";

let api: ApiUnderTest;
let front: Front;
beforeAll(async () => {
  api = await startApiUnderTest();
  front = await startFront(api.url);
});
afterEach(() => {
  front.ail = () => undefined;
});
afterAll(async () => {
  await front.close();
  await api.close();
});

/** Retries a run that has failed, and waits for its end. */
async function retryAndWait(patienceMs?: number) {
  const adwId = await trigger(api);
  await fail(api, adwId);
  let out = "";
  const waiting = pullwright(
    { url: front.url, key: api.key },
    ["retry", adwId, "--wait"],
    { patienceMs, onOut: (text) => (out = text) },
  );
  await until(() => out.includes("classify queued"), "the first look");
  return { adwId, waiting };
}

const isLook = (path: string) => /^\/api\/workflows\/\w{8}$/.test(path);

test.each([503, 429, "reset"] as const)(
  "%s in place of a look is borne with, as on the stream",
  async (ailment) => {
    const { adwId, waiting } = await retryAndWait();
    let left = 2;
    front.ail = (path) => {
      if (!isLook(path) || left === 0) return undefined;
      left -= 1;
      return ailment;
    };
    await finish(api, await claim(api, adwId));
    await fail(api, adwId);
    const { exitCode, out, err } = await waiting;
    expect(left).toBe(0);
    expect(err).toBe("");
    expect(out).toContain("policy in plan:");
    expect(exitCode).toBe(exitCodes.failed);
  },
);

test.each([
  [503, exitCodes.refused],
  ["reset", exitCodes.unreachable],
] as const)(
  "who gives up at last says that the run goes on, and how to see it: %s",
  async (ailment, expected) => {
    const { adwId, waiting } = await retryAndWait(500);
    front.ail = () => ailment;
    front.breakOff();
    const { exitCode, err } = await waiting;
    expect(exitCode).toBe(expected);
    expect(err).toContain(`The run ${adwId} goes on.`);
    expect(err).toContain(`pullwright show ${adwId}`);
  },
);

test("patience begins anew whenever the API is back, also when nothing happens meanwhile", async () => {
  // Longer than an answer takes on a busy machine, and shorter than both pauses together.
  const { adwId, waiting } = await retryAndWait(8_000);
  for (let round = 1; round <= 2; round += 1) {
    let [isRefused, isOpen] = [false, false];
    front.ail = (path) => {
      if (!path.endsWith("/events/stream")) return undefined;
      isOpen = isRefused;
      isRefused = true;
      return isOpen ? undefined : "reset";
    };
    front.breakOff();
    await until(() => isOpen, "the stream");
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
  await fail(api, adwId);
  expect((await waiting).exitCode).toBe(exitCodes.failed);
});
