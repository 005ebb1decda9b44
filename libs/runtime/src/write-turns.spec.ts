import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from "@jest/globals";
import type { GitHub } from "@pullwright/github";
import type { LocalGitHub } from "@pullwright/local-github";
import { until } from "@pullwright/testing";
import { setTimeout as sleep } from "node:timers/promises";
import {
  demo,
  faultOf,
  kill,
  oneCredential,
  startDemo,
  type OneCredential,
} from "./__fixtures__/one-credential.js";
import { openGitHub } from "./index.js";

let server: LocalGitHub;
beforeAll(async () => {
  server = await startDemo();
});
afterAll(() => server.close());

let sut: OneCredential;
beforeEach(async () => {
  sut = await oneCredential(server);
});
afterEach(() => sut.close());

const write = (github: GitHub, body = "hello") =>
  github.comments.create(demo, 1, body);
const writes = () =>
  server
    .requests()
    .filter(({ method }) => method === "POST")
    .map(({ at, durationMs, body }) => ({
      atMs: at.getTime(),
      endMs: at.getTime() + durationMs,
      body: (body as { body: string }).body, // A comment's.
    }));
/** Every write takes GitHub so long. */
const slowDown = (stallMs: number) =>
  server.faults.add({ kind: "stall", stallMs, match: { method: "POST" } });

describe("of all processes", () => {
  test("one write at a time is on its way", async () => {
    slowDown(100);
    const replicas = [1, 2, 3].map(() => openGitHub(sut.runtime));
    await Promise.all(
      replicas.flatMap((github) => [write(github), write(github)]),
    );
    const sent = writes();
    expect(sent).toHaveLength(6);
    const overlaps = sent
      .slice(1)
      .filter(({ atMs }, index) => atMs < (sent[index]?.endMs ?? 0) - 1);
    expect(overlaps).toEqual([]);
  });

  test("the one that writes what a person asked for does not wait for all that another one has to tell", async () => {
    slowDown(300);
    const [busy, other] = [1, 2].map(() => openGitHub(sut.runtime));
    if (busy === undefined || other === undefined) throw new Error("none");
    const told = Array.from({ length: 6 }, () =>
      write(busy.as("status"), "told"),
    );
    await until(() => writes().length > 0, "the first is on its way");
    await Promise.all([...told, write(other, "asked for")]);
    const order = writes().map(({ body }) => body);
    // Next, or after the one that was quicker to ask.
    expect(order.indexOf("asked for")).toBeLessThanOrEqual(2);
  });

  test("one that dies amid a write keeps the others from it for as long as its request might have taken, and not for ever", async () => {
    server.faults.add({
      kind: "stall",
      stallMs: 600_000,
      match: { method: "POST" },
      times: 1,
    });
    const writer = sut.start("writing-process.ts");
    await until(() => writes().length > 0, "it writes", 30_000);
    await kill(writer);
    const [dead] = writes();
    await write(openGitHub(sut.runtime));
    const waitedMs = (writes()[1]?.atMs ?? 0) - (dead?.atMs ?? 0);
    // A second for the request, two for what surrounds it.
    expect(waitedMs).toBeGreaterThan(2_500);
  });

  test("each writes by itself while Postgres is away, and none keeps a turn that it asked for meanwhile", async () => {
    const [github, other] = [1, 2].map(() => openGitHub(sut.runtime));
    if (github === undefined || other === undefined) throw new Error("none");
    sut.link.freeze();
    expect(await faultOf(write(github))).toBe("none");
    sut.link.thaw();
    const startedMs = performance.now();
    expect(await faultOf(write(other))).toBe("none");
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

test("writes of all processes take turns: a burst, then one at a time", async () => {
  const writePace = { burst: 3, refillMs: 300, maxWaitMs: 5_000 };
  const startedMs = Date.now();
  const replicas = [1, 2, 3].map(() => openGitHub(sut.runtime, { writePace }));
  await Promise.all(
    replicas.flatMap((github) => [write(github), write(github)]),
  );
  const times = writes().map(({ atMs }) => atMs);
  expect(times).toHaveLength(6);
  // Six writes of three processes: three need not wait, and three follow 300 ms apart.
  expect((times[5] ?? 0) - startedMs).toBeGreaterThanOrEqual(895);
});

test("GITHUB_WRITES_PER_MINUTE is the pace once the burst is over", async () => {
  const { config } = sut.runtime;
  const github = openGitHub({
    ...sut.runtime,
    config: { ...config, github: { ...config.github, writesPerMinute: 120 } },
  });
  const BURST = 20;
  const startedMs = Date.now();
  for (let nth = 0; nth <= BURST + 2; nth += 1) await write(github);
  const tookMs = Date.now() - startedMs;
  // Three more than the burst, one each half second; the burst itself takes a moment in which more come.
  expect(tookMs).toBeGreaterThanOrEqual(1_450);
});

test("once one process has met the secondary limit, the writes of all follow a second apart", async () => {
  const writePace = { burst: 20, refillMs: 20, maxWaitMs: 10_000 };
  const replicas = [1, 2].map(() => openGitHub(sut.runtime, { writePace }));
  const [first] = replicas;
  if (first === undefined) throw new Error("There is none.");
  server.faults.add({
    kind: "rate_limit_secondary",
    retryAfterSeconds: 1,
    match: { method: "POST" },
    times: 1,
  });
  expect(await faultOf(write(first))).toBe("rate_limited");
  await sleep(1_100); // The pause is over; being careful is not.
  server.clearRequests();
  await Promise.all(
    replicas.flatMap((github) => [write(github), write(github)]),
  );
  const times = server.requests().map(({ at }) => at.getTime());
  expect(times).toHaveLength(4);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  // A write may arrive a little late, and the next one in time.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(800);
});
