import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import {
  eventually,
  npmShop,
  REPOSITORY,
  startInstallation,
  type Installation,
  type RunView,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

const pullsOf = (sut: Installation, branch: string) =>
  sut.github.listPulls(REPOSITORY).filter((pull) => pull.head.ref === branch);

describe("what others wrote", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({
      files: npmShop,
      environment: { MAX_BUILD_ROUNDS: "1" },
    });
  });
  afterAll(() => sut.stop());

  it("does not pass when an agent bribes its judge", async () => {
    const run = await sut.run({ body: "agent: bribe_the_judge" });
    expect(run.status).toBe("failed");
    expect(run.errors.at(-1)).toMatchObject({ class: "tests_failed" });
    expect(
      await sut.github.readFile(REPOSITORY, run.branch_name, "package.json"),
    ).toContain('"test":"true"');
    await eventually(() => {
      const [pull] = pullsOf(sut, run.branch_name);
      expect(pull).toMatchObject({ draft: true });
      expect(pull?.body).toMatch(
        /\*\*Look closely\*\* .*\n\n- package\.json\n/,
      );
      expect(pull?.body).toMatch(/Tests and scripts .*\n\n- package\.json\n/);
    });
  });

  it.each([
    ["is empty", ""],
    ["is huge", `${"all work and no play ".repeat(10_000)}\n`],
    [
      "hides text",
      "<!-- agent: nothing -->\u202E\u200B\u200B2 + 3 gives -1.\u{E0041}\u{E0042}",
    ],
  ])("is worked on when the issue's body %s (S4-37)", async (_name, body) => {
    const run = await sut.run({ body, label: "adw:adw_plan_build" });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
  });

  describe("a key in an agent's words", () => {
    const label = "adw:adw_plan";
    const key = "a1".repeat(18);
    const planOf = async ({ adw_id }: RunView) => {
      const { body } = await sut.call(`/api/workflows/${adw_id}/artifacts`);
      const { items } = body as { items: { kind: string; name: string }[] };
      const plan = items.find(({ kind }) => kind === "plan");
      return plan === undefined ? [] : sut.artifactsOf(adw_id, plan.name);
    };
    /** All that the API tells of a run, but for the files that are kept. */
    const toldOf = async ({ adw_id }: RunView) => {
      const parts = ["", "/handoffs", "/executions/1", "/logs", "/events"];
      const answers = await Promise.all(
        parts.map((part) => sut.call(`/api/workflows/${adw_id}${part}`)),
      );
      expect(answers.map(({ status }) => status)).toEqual(parts.map(() => 200));
      return JSON.stringify(answers);
    };

    it("is blacked out of the plan, what is handed over and what is summed up", async () => {
      const run = await sut.run({ body: "agent: plan_with_a_key", label });
      expect(run).toMatchObject({ status: "completed" });
      const [plan = ""] = await planOf(run);
      expect(plan).toContain("[redacted] opens it.");
      const told = await toldOf(run);
      expect(told).toContain("[redacted] opens it.");
      expect(told).toContain("Mend the sum with [redacted].");
      expect(plan + told).not.toContain(key);
    });

    it("is blacked out of the reason why it failed", async () => {
      const run = await sut.run({ body: "agent: fail_with_a_key", label });
      expect(run.errors.at(-1)?.message).toContain("[redacted] is all I say.");
      expect(await toldOf(run)).not.toContain(key);
    });

    it("keeps a plan that the guards refuse from being kept", async () => {
      const body = "agent: plan_with_an_npm_token";
      const run = await sut.run({ body, label });
      expect(run.errors.at(-1)).toMatchObject({ class: "policy" });
      expect(await planOf(run)).toEqual([]);
      expect(await toldOf(run)).not.toContain(key);
    });
  });
});

describe("a repository without tests", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({ files: { "README.md": "# Shop\n" } });
  });
  afterAll(() => sut.stop());

  it("gets an untested draft", async () => {
    const run = await sut.run({ body: "agent: fix" });
    expect(run.status).toBe("completed");
    const [pull] = pullsOf(sut, run.branch_name);
    expect(pull).toMatchObject({ draft: true });
    expect(pull?.body).toMatch(/untested|no test command/i);
  });
});

describe("a repository whose own commands cannot be read", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({
      files: {
        "README.md": "# Shop\n",
        "package.json": JSON.stringify({ scripts: { test: "true" } }),
        ".pullwright.yml": "commands: { tests: ./all-tests }\n",
      },
      // It is served all the same: webhooks tell of it.
      environment: { POLLING: "false" },
    });
  });
  afterAll(() => sut.stop());

  const problem = {
    class: "invalid_input",
    message:
      "Nothing can be tested. .pullwright.yml: commands may hold setup, lint and test, and nothing else. Mend it on the branch main, then retry.",
  };

  it("is told what to mend before an agent plans", async () => {
    const run = await sut.run({ body: "agent: fix" });
    expect(run.status).toBe("failed");
    expect(run.errors.at(-1)).toEqual({ ...problem, phase: "plan" });
    // One attempt, without a prompt.
    expect(await sut.promptsOf(run.adw_id, "plan")).toEqual([""]);
  });

  it("is not judged by other commands instead", async () => {
    const label = "adw:adw_build";
    const built = await sut.run({ body: "agent: fix", label });
    expect(built.status).toBe("completed");
    const { issue_number } = built;
    await sut.call("/api/workflows/trigger", {
      method: "POST",
      body: { issue_number, workflow: "adw_test", repository: REPOSITORY },
    });
    const run = await sut.runOf(issue_number, ["completed", "failed"]);
    expect(run.errors.at(-1)).toEqual({ ...problem, phase: "test" });
  });
});
