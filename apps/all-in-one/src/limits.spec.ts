import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startDirector } from "./__fixtures__/director.js";
import {
  eventually,
  REPOSITORY,
  startInstallation,
  type Installation,
  type RunView,
} from "./__fixtures__/installation.js";
import { processesOf } from "./__fixtures__/processes-of.js";

jest.setTimeout(240_000);

/** What stops an agent stops it as it builds. */
const label = "adw:adw_build";

/** A runner with a free slot has begun within a fraction of it. */
const LONGER_THAN_A_CLAIM_MS = 3_000;

/** A run of an issue that nobody labelled. */
async function runByApi(
  sut: Installation,
  { body }: { readonly body: string },
): Promise<RunView> {
  const { number } = sut.github.createIssue({
    repo: REPOSITORY,
    title: "The sum is wrong",
    body,
    author: "ada",
  });
  const answer = await sut.call("/api/workflows/trigger", {
    method: "POST",
    body: {
      issue_number: number,
      workflow: "adw_plan_build_test",
      repository: REPOSITORY,
    },
  });
  expect(answer.status).toBe(202);
  return sut.runOf(number, ["completed", "failed"]);
}

const starts: readonly [string, typeof runByApi][] = [
  ["a label", (sut, issue) => sut.run(issue)],
  ["the API", runByApi],
];

describe("a run at a limit", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({
      environment: {
        MAX_RUN_USD: "2",
        MODEL_PRICES: "*=20000/100000",
        MAX_BUILD_ROUNDS: "1",
        RUNNER_CONCURRENCY: "1",
      },
    });
  });
  afterAll(() => sut.stop());

  it("waits until the provider's limit is over, and goes on by itself (S4-35)", async () => {
    let wentOnAt = NaN;
    const director = await startDirector("run_into_the_limit", () => {
      wentOnAt = Date.now();
      return Promise.resolve("fix");
    });
    const waiting = await sut.run({
      body: director.line,
      label,
      until: ["waiting", "failed"],
    });
    expect(waiting).toMatchObject({
      status: "waiting",
      waiting_reason: "quota",
    });
    const { since = "", resume_at } = waiting.waiting ?? {};
    const resumeAt = Date.parse(resume_at ?? "");
    expect(resumeAt).toBeGreaterThan(Date.parse(since));
    const why = await sut.call(`/api/workflows/${waiting.adw_id}/why`);
    expect(why.body).toMatchObject({ reason: "quota", until: resume_at });
    expect(
      await sut.runOf(waiting.issue_number, ["completed", "failed"]),
    ).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(director.turns).toBe(2);
    expect(wentOnAt).toBeGreaterThanOrEqual(resumeAt);
    await director.close();
  });

  it("is stopped when its money is used up, and goes on when a person adds some", async () => {
    const director = await startDirector("overspend", "fix");
    const waiting = await sut.run({
      body: director.line,
      label,
      until: ["waiting", "failed"],
    });
    expect(waiting).toMatchObject({
      status: "waiting",
      waiting_reason: "budget",
    });
    expect(await sut.logsOf(waiting.adw_id)).toMatch(
      /agent process ended.*, 0 left/,
    );
    sut.github.comment(REPOSITORY, waiting.issue_number, "/continue +5", "ada");
    expect(
      await sut.runOf(waiting.issue_number, ["completed", "failed"]),
    ).toMatchObject({ status: "completed", outcome: "pull_request" });
    await director.close();
  });

  it("has its agent ended when that prints without end, and tries again", async () => {
    const director = await startDirector("print_without_end", "fix");
    const run = await sut.run({ body: director.line, label });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(director.turns).toBe(2);
    const { body: history } = await sut.call(
      `/api/workflows/${run.adw_id}/events`,
    );
    expect(JSON.stringify(history)).toContain("wrote more output than allowed");
    const { body: warnings } = await sut.call(
      `/api/workflows/${run.adw_id}/logs?level=WARNING`,
    );
    expect(JSON.stringify(warnings)).toContain("the rest is not kept");
    await director.close();
  });

  it.each(starts)(
    "mends its build as often as is set and then fails, started by %s",
    async (_by, start) => {
      const run = await start(sut, { body: "agent: never_fix" });
      expect(run.errors.at(-1)).toMatchObject({ class: "tests_failed" });
      expect(
        run.phases.flatMap(({ phase, round }) =>
          phase === "build" ? [round] : [],
        ),
      ).toEqual([1, 2]);
    },
  );

  it("does not begin while the one phase that its runner works on at once is another run's", async () => {
    let release: (behaviour: string) => void = () => undefined;
    const released = new Promise<string>((resolve) => {
      release = resolve;
    });
    const first = await startDirector(() => released);
    const held = await sut.run({ body: first.line, label, until: ["running"] });
    await eventually(() => expect(first.turns).toBe(1), 60_000);
    const next = await sut.run({
      body: "agent: nothing",
      label,
      until: ["pending", "running"],
    });
    await sleep(LONGER_THAN_A_CLAIM_MS);
    const { body } = await sut.call(`/api/workflows/${next.adw_id}`);
    release("nothing");
    expect(body).toMatchObject({ status: "pending" });
    for (const { issue_number } of [held, next])
      expect(
        await sut.runOf(issue_number, ["completed", "failed"]),
      ).toMatchObject({ status: "completed" });
    await first.close();
  });

  it("is stopped by the prices that are set where its agent tells no cost", async () => {
    const director = await startDirector("overspend_untold");
    const waiting = await sut.run({
      body: director.line,
      label,
      until: ["waiting", "failed"],
    });
    // 100 tokens in and 10 out.
    expect(waiting).toMatchObject({
      waiting_reason: "budget",
      cost: { spent_usd: expect.closeTo(3, 0) },
    });
    await director.close();
  });
});

describe("a budget that runs share", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation();
  });
  afterAll(() => sut.stop());

  it.each([
    ["money", { limit_usd: 2, limit_tokens: null }, { limit_usd: 100 }],
    ["tokens", { limit_usd: null, limit_tokens: 100 }, { limit_tokens: 9_999 }],
  ])(
    "ends the agent that uses up its %s, and the run goes on by itself when there is more",
    async (what, limits, more) => {
      const key = `shared-${what}`;
      const budget = { scope: "label", key, repository: REPOSITORY, ...limits };
      const put = (body: object) =>
        sut.call("/api/budgets", { method: "PUT", body });
      expect((await put(budget)).status).toBe(200);
      const director = await startDirector("overspend", "fix");
      const waiting = await sut.run({
        body: director.line,
        labels: [key],
        label,
        until: ["waiting", "failed"],
      });
      expect(waiting).toMatchObject({ waiting_reason: "budget" });
      const logs = await sut.logsOf(waiting.adw_id);
      expect(logs).toMatch(/agent process ended \(cancelled.*, 0 left/);
      expect(logs).toMatch(/build failed \(budget\): .*has no room/);
      await put({ ...budget, ...more });
      expect(
        await sut.runOf(waiting.issue_number, ["completed", "failed"]),
      ).toMatchObject({ status: "completed" });
      expect(director.turns).toBe(2);
      await director.close();
    },
  );
});

describe("a run that may work for a minute", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({
      environment: { MAX_RUN_MINUTES: "1" },
      // Nobody waits for the minute: its thousandth part is over with the first phase.
      change: (config) => ({
        ...config,
        runner: { ...config.runner, maxRunMs: config.runner.maxRunMs / 60_000 },
      }),
    });
  });
  afterAll(() => sut.stop());

  it.each(starts)(
    "is ended after it when it was started by %s",
    async (_by, start) => {
      expect(sut.config.runner.maxRunMs).toBe(60_000);
      const run = await start(sut, { body: "" });
      expect(run.status).toBe("failed");
      expect(run.errors.at(-1)).toMatchObject({
        class: "timeout",
        message: expect.stringContaining("minutes of work"),
      });
      expect(run.phases.map(({ status }) => status)).toContain("succeeded");
    },
  );
});

describe("an agent that tells what it took only at its end", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({
      environment: {
        AGENT: "codex",
        CODEX_PATH: fileURLToPath(
          new URL("./__fixtures__/codex.mjs", import.meta.url),
        ),
        OPENAI_API_KEY: "a-key-of-the-specs",
        // A dollar a turn.
        MODEL_PRICES: "codex=10000/0",
        MAX_RUN_USD: "2.5",
      },
    });
  });
  afterAll(() => sut.stop());

  it("keeps the work that was more than was left, since it is paid", async () => {
    const run = await sut.run({ body: "", label: "adw:adw_plan_build" });
    expect(run).toMatchObject({
      status: "completed",
      outcome: "pull_request",
      cost: { spent_usd: expect.closeTo(3, 5), limit_usd: 2.5 },
    });
  });
});

describe("an agent that hangs", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({
      change: (config) => ({
        ...config,
        // Long for the phases whose agents do not hang.
        runner: { ...config.runner, phaseTimeoutMs: 6_000 },
      }),
    });
  });
  afterAll(() => sut.stop());

  it("is killed with its detached children, tried once more, and fails the run (S4-34)", async () => {
    const director = await startDirector("hang");
    const run = await sut.run({ body: director.line, label });
    expect(run.status).toBe("failed");
    expect(run.errors.at(-1)).toMatchObject({ class: "timeout" });
    expect(director.turns).toBe(2);
    const logs = await sut.logsOf(run.adw_id);
    expect(logs.match(/agent process ended \(timeout/g)).toHaveLength(2);
    expect(
      logs.match(/processes seen, [1-9]\d* ended, 0 left/g)?.length,
    ).toBeGreaterThanOrEqual(2);
    expect(logs).not.toMatch(/, [1-9]\d* left/);
    expect(await processesOf(run.adw_id)).toEqual([]);
    await eventually(() => {
      const comments = sut.github.listComments(REPOSITORY, run.issue_number);
      expect(comments.some(({ body }) => body.includes("timeout"))).toBe(true);
    });
    await director.close();
  });
});

describe("an agent that says nothing", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({
      change: (config) => ({
        ...config,
        runner: { ...config.runner, silenceTimeoutMs: 5_000 },
      }),
    });
  });
  afterAll(() => sut.stop());

  it("is stalled however much noise it makes, and is tried once more", async () => {
    const director = await startDirector("spin", "fix");
    const run = await sut.run({ body: director.line, label });
    expect(run).toMatchObject({ status: "completed" });
    expect(director.turns).toBe(2);
    expect(await sut.logsOf(run.adw_id)).toMatch(
      /agent process ended \(silence.*, 0 left/,
    );
    await director.close();
  });

  it("is not stalled for working longer than it may be silent", async () => {
    const director = await startDirector("work_long");
    const run = await sut.run({ body: director.line, label });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(director.turns).toBe(1);
    await director.close();
  });
});
