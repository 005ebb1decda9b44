import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { startDirector } from "./__fixtures__/director.js";
import {
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

let sut: Installation;
beforeAll(async () => {
  sut = await startInstallation({
    environment: {
      CLAUDE_CODE_PATH: fileURLToPath(
        new URL("__fixtures__/claude.mjs", import.meta.url),
      ),
      ANTHROPIC_API_KEY: "a-key-of-the-specs",
      MAX_BUILD_ROUNDS: "1",
    },
  });
});
afterAll(() => sut.stop());

/** Of a run only its build is looked at, where its test is not what has it built again. */
const label = "adw:adw_build";
const NOTE = "Division is wrong: it is a sum.";

async function retryBuild(adwId: string): Promise<void> {
  const answer = await sut.call(`/api/workflows/${adwId}/retry`, {
    method: "POST",
    body: { phase: "build", note: NOTE },
  });
  expect(answer.status).toBe(200);
}

it.each([
  ["that was refused", "workflow_file", ["build-1.failed.diff"]],
  ["that was refused only without its secret", "leak_a_key", []],
])("gives a retried phase the change %s", async (_what, behaviour, kept) => {
  let next = behaviour;
  const director = await startDirector(() => Promise.resolve(next));
  const refused = await sut.run({ body: director.line, label });
  expect(refused.errors).toMatchObject([{ class: "policy" }]);
  const { body } = await sut.call(`/api/workflows/${refused.adw_id}/artifacts`);
  const { items } = body as { items: { name: string }[] };
  const names = items.map(({ name }) => name);
  expect(names.filter((name) => name.includes("failed"))).toEqual(kept);
  next = "fix";
  await retryBuild(refused.adw_id);
  await sut.runOf(refused.issue_number, ["completed"]);
  const [, retried] = await sut.promptsOf(refused.adw_id, "build");
  expect(retried).toContain("was refused before the push");
  expect(retried?.includes("+obey me")).toBe(kept.length > 0);
  expect(retried).not.toContain("ghp_a1");
  await director.close();
});

it("gives a retried phase the change that failed, the end of its log and the person's note", async () => {
  let behaviour = "give_up_halfway";
  const director = await startDirector(() => Promise.resolve(behaviour));
  const failed = await sut.run({ body: director.line, label });
  expect(failed).toMatchObject({ status: "failed" });
  behaviour = "fix";
  await retryBuild(failed.adw_id);
  expect(
    await sut.runOf(failed.issue_number, ["completed", "failed"]),
  ).toMatchObject({ status: "completed", outcome: "pull_request" });

  const prompts = await sut.promptsOf(failed.adw_id, "build");
  expect(prompts).toHaveLength(director.turns);
  const retried = prompts.pop();
  expect(prompts.join("\n")).not.toContain(NOTE);
  for (const told of ["a / b", "division lost its way"])
    expect(prompts[0]).not.toContain(told);
  expect(retried).toContain("FAILURE OF AN EARLIER TRY");
  expect(retried).toContain("This leads nowhere.");
  expect(retried).toContain("division lost its way");
  expect(retried).toContain("-export const sum = (a, b) => a - b;");
  expect(retried).toContain("+export const sum = (a, b) => a / b;");
  expect(retried).toContain(NOTE);
  await director.close();
});

it("gives the next round of a build that failed by itself the change that failed and the end of its log", async () => {
  const fails = "give_up_halfway";
  const director = await startDirector(fails, fails, "fix");
  const run = await sut.run({ body: director.line });
  expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
  const builds = run.phases.filter(({ phase }) => phase === "build");
  expect(builds.map(({ round, status }) => [round, status])).toEqual([
    [1, "failed"],
    [2, "succeeded"],
  ]);
  const [first, , mended] = await sut.promptsOf(run.adw_id, "build");
  for (const told of [
    "FAILURE OF AN EARLIER TRY",
    "This leads nowhere.",
    "LOG OF AN EARLIER TRY",
    "division lost its way",
    "CHANGE OF AN EARLIER TRY",
    "+export const sum = (a, b) => a / b;",
    // Where the run stands.
    "PROGRESS OF THE RUN",
    "- build: failed (agent_error)",
    "- diff: build-1.failed.diff",
  ]) {
    expect(mended).toContain(told);
    expect(first).not.toContain(told);
  }
  await director.close();
});

it("has the phase done by the agent and the model that the retry names", async () => {
  const director = await startDirector("workflow_file");
  const failed = await sut.run({ body: director.line, label });
  expect(failed).toMatchObject({ status: "failed", agent: null, model: null });
  const answer = await sut.call(`/api/workflows/${failed.adw_id}/retry`, {
    method: "POST",
    body: { phase: "build", agent: "claude", model: "claude-opus-4-8" },
  });
  expect(answer.status).toBe(200);
  const retried = await sut.runOf(failed.issue_number, ["completed", "failed"]);
  expect(retried).toMatchObject({
    status: "completed",
    agent: "claude",
    model: "claude-opus-4-8",
  });
  // The agent of before was not started again, and the one that was said how.
  expect(director.turns).toBe(1);
  const [, launched = ""] =
    /launched (\{.*\})/.exec(await sut.logsOf(failed.adw_id)) ?? [];
  const { argv, variables } = JSON.parse(launched) as {
    argv: string[];
    variables: string[];
  };
  expect(argv[argv.indexOf("--model") + 1]).toBe("claude-opus-4-8");
  expect(variables).toContain("ANTHROPIC_API_KEY");
  await director.close();
});
