import { fileURLToPath } from "node:url";
import { afterEach, expect, it, jest } from "@jest/globals";
import { startDirector } from "./__fixtures__/director.js";
import {
  eventually,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

let sut: Installation;
afterEach(() => sut.stop());

it("the route's next agent goes on at once when the first has no quota, and its siblings ask that one alone", async () => {
  const claude = fileURLToPath(
    new URL("__fixtures__/refused-claude.mjs", import.meta.url),
  );
  sut = await startInstallation({
    environment: {
      AGENT_ROUTE: "claude,command",
      CLAUDE_CODE_PATH: claude,
      ANTHROPIC_API_KEY: "a-key-of-the-specs",
    },
  });
  const director = await startDirector("fix", "fix");
  const label = "adw:adw_build";
  const first = await sut.run({ body: director.line, label });
  expect(first).toMatchObject({ status: "completed", outcome: "pull_request" });
  const second = await sut.run({ body: director.line, label });
  expect(second).toMatchObject({ status: "completed" });
  const attemptsOf = async ({ adw_id }: { readonly adw_id: string }) =>
    JSON.stringify(
      (await sut.call(`/api/workflows/${adw_id}/conversations`)).body,
    );
  expect(await attemptsOf(first)).toContain('"agent":"claude"');
  expect(await attemptsOf(second)).not.toContain('"agent":"claude"');
  await director.close();
});

it("the first phase that a quota serves again lets its siblings begin beside it", async () => {
  const claude = fileURLToPath(
    new URL("__fixtures__/limited-claude.mjs", import.meta.url),
  );
  sut = await startInstallation({
    environment: {
      AGENT: "claude",
      CLAUDE_CODE_PATH: claude,
      ANTHROPIC_API_KEY: "a-key-of-the-specs",
      RUNNER_CONCURRENCY: "2",
    },
  });
  const label = "adw:adw_build";
  const inAnHour = Math.floor(Date.now() / 1_000) + 3_600;
  const refused = await startDirector(inAnHour.toString());
  const until = ["waiting", "failed"];
  const first = await sut.run({ body: refused.line, label, until });
  expect(first).toMatchObject({ waiting_reason: "quota" });
  // Nobody waits for the hour.
  await sut.rows("UPDATE breakers SET open_until = now()", []);

  let serve: (told: string) => void = () => undefined;
  const served = new Promise<string>((resolve) => {
    serve = resolve;
  });
  let siblingBegins: (told: string) => void = () => undefined;
  const siblingBegan = new Promise<string>((resolve) => {
    siblingBegins = resolve;
  });
  const tries = await startDirector(
    () => served,
    () => siblingBegan,
  );
  const sibling = await startDirector(() => {
    siblingBegins("go on");
    return Promise.resolve("begin");
  }, "go on");
  const second = await sut.run({ body: tries.line, label, until: ["running"] });
  await eventually(() => expect(tries.turns).toBe(1), 60_000);
  const third = await sut.run({
    body: sibling.line,
    label,
    until: ["pending", "failed"],
  });
  await eventually(async () => {
    const { body } = await sut.call(`/api/workflows/${third.adw_id}/why`);
    expect(body).toMatchObject({
      reason: "quota",
      message: expect.stringContaining("another phase tries"),
    });
  });
  expect(sibling.turns).toBe(0);
  serve("begin");
  for (const { issue_number } of [second, third])
    expect(
      await sut.runOf(issue_number, ["completed", "failed"]),
    ).toMatchObject({ status: "completed", outcome: "pull_request" });
  expect([refused.turns, tries.turns, sibling.turns]).toEqual([1, 2, 2]);
  for (const director of [refused, tries, sibling]) await director.close();
});

interface Decision {
  readonly type: string;
  readonly payload: {
    readonly requested: number;
    readonly limit: number;
    readonly estimated: number;
  };
}

/** What the run's history says of its prompts' sizes. */
async function decisions(adwId: string): Promise<readonly Decision[]> {
  const { body } = await sut.call(`/api/workflows/${adwId}/events?limit=500`);
  const { items } = body as { items: Decision[] };
  return items.filter(({ type }) => type.startsWith("prompt_"));
}

const callsOf = (adwId: string) =>
  sut.rows(
    `SELECT c.status, c.error_code, c.max_tokens::int, c.total_tokens_requested::int AS requested, c.truncated_sections AS cuts
       FROM llm_calls c JOIN attempts a ON a.id = c.conversation_id JOIN phase_runs p ON p.id = a.phase_run_id
       JOIN workflow_runs r ON r.id = p.workflow_run_id WHERE r.adw_id = $1 ORDER BY c.id`,
    [adwId],
  );

it("a prompt that is shortened to fit its model is worked on, and what was left out is told", async () => {
  sut = await startInstallation({
    environment: { CONTEXT_WINDOWS: "command=20000" },
  });
  const run = await sut.run({
    body: `agent: fix\n\n${"The sum is wrong. ".repeat(3_000)}`,
    label: "adw:adw_build",
  });
  expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
  const cuts = [
    { section: "issue", from: expect.any(Number), to: expect.any(Number) },
  ];
  const [decision, ...more] = await decisions(run.adw_id);
  expect(more).toEqual([]);
  expect(decision).toMatchObject({
    type: "prompt_shortened",
    payload: { phase: "build", limit: 10_000, cuts },
  });
  const { requested, limit, estimated } = decision?.payload ?? {};
  expect(requested).toBeGreaterThan(Number(limit));
  expect(estimated).toBeLessThanOrEqual(Number(limit));
  const warnings = await sut.call(
    `/api/workflows/${run.adw_id}/logs?level=WARNING`,
  );
  expect(JSON.stringify(warnings.body)).toMatch(
    /takes 10,000 = 20,000 − 5,000 for its work − 5,000 of the CLI's own; shortened issue: /,
  );
  expect(await callsOf(run.adw_id)).toMatchObject([
    { status: "success", max_tokens: limit, requested, cuts },
  ]);
  const [prompt] = await sut.promptsOf(run.adw_id, "build");
  expect(prompt).toContain("characters left out to fit the model's window]");
});

it("a prompt that no model could read is not sent to one: the run fails with the arithmetic", async () => {
  sut = await startInstallation({
    environment: { CONTEXT_WINDOWS: "command=1000" },
  });
  const director = await startDirector("fix");
  const run = await sut.run({ body: director.line });
  expect(run.status).toBe("failed");
  expect(run.errors.at(-1)).toMatchObject({
    class: "invalid_input",
    message: expect.stringMatching(
      /takes 500 = 1,000 − 250 for its work − 250 of the CLI's own.*\/retry /,
    ),
  });
  expect(director.turns).toBe(0);
  expect(await decisions(run.adw_id)).toMatchObject([
    { type: "prompt_too_large", payload: { limit: 500 } },
  ]);
  expect(await callsOf(run.adw_id)).toMatchObject([
    { status: "skipped", error_code: "context_window", max_tokens: 500 },
  ]);
  await director.close();
});
