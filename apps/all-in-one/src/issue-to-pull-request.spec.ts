import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { startDirector } from "./__fixtures__/director.js";
import {
  eventually,
  npmShop,
  REPOSITORY,
  startInstallation,
  TOKEN_USER,
  type Installation,
  type RunView,
} from "./__fixtures__/installation.js";
import { processesOf } from "./__fixtures__/processes-of.js";

jest.setTimeout(240_000);

let sut: Installation;
beforeAll(async () => {
  sut = await startInstallation({
    files: npmShop,
    environment: { METRICS: "open", RUNNER_CONCURRENCY: "2" },
  });
});
afterAll(() => sut.stop());

/** For those who look at an agent's work alone. */
const label = "adw:adw_build";

const statusComments = (issueNumber: number) =>
  sut.github
    .listComments(REPOSITORY, issueNumber)
    .filter((comment) => comment.body.includes("<!-- pullwright:run:"));

const pullsOf = (branch: string) =>
  sut.github.listPulls(REPOSITORY).filter((pull) => pull.head.ref === branch);

describe("an issue with the label adw", () => {
  let mended: RunView;
  beforeAll(async () => {
    mended = await sut.run({ body: "2 + 3 gives -1." });
  });

  it("becomes a tested pull request, with one branch, one comment and the right label", async () => {
    const run = mended;
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(run.phases.map((phase) => [phase.phase, phase.status])).toEqual([
      ["classify", "succeeded"],
      ["plan", "succeeded"],
      ["build", "succeeded"],
      ["test", "succeeded"],
      ["publish", "succeeded"],
    ]);
    const pulls = pullsOf(run.branch_name);
    expect(pulls).toHaveLength(1);
    expect(pulls[0]).toMatchObject({
      draft: false,
      html_url: run.pull_request_url,
    });
    expect(pulls[0]?.body).toContain(`Fixes #${run.issue_number}`);
    expect(pulls[0]?.body).toContain("npm test");
    expect(
      await sut.github.readFile(REPOSITORY, run.branch_name, "sum.mjs"),
    ).toContain("a + b");
    const files = await sut.github.diff(REPOSITORY, "main", run.branch_name);
    expect(files).toContain(
      `specs/issue-${run.issue_number}-${run.adw_id}-the-sum-is-wrong.md`,
    );
    await eventually(() => {
      expect(statusComments(run.issue_number)).toHaveLength(1);
      expect(statusComments(run.issue_number)[0]?.body).toContain("completed");
      const labels = sut.github
        .getIssue(REPOSITORY, run.issue_number)
        .labels.map((label) =>
          typeof label === "string" ? label : label.name,
        );
      expect(labels.sort()).toEqual(["adw", "pullwright:completed"]);
    });
    const head = await sut.github.log(REPOSITORY, run.branch_name, "main");
    for (const commit of head)
      expect(commit.message).toMatch(
        new RegExp(`Run: ${run.adw_id}[\\s\\S]*Attempt: `),
      );
  });

  it("gives its agent no token, and says in the log that the whole process tree is gone", async () => {
    const logs = await sut.logsOf(mended.adw_id);
    expect(logs).toContain("phase build round 1 behaviour fix");
    expect(logs).toMatch(/environment .*PULLWRIGHT_PHASE/);
    expect(logs).not.toMatch(
      /environment [^\n]*(?:TOKEN|DATABASE_URL|SECRET|API_KEY)/,
    );
    expect(logs).not.toContain(sut.credential);
    expect(logs).toMatch(/processes seen, 0 ended, 0 left/);
  });

  it("is measured by what git, its agent and the tests said", async () => {
    const executions = `/api/workflows/${mended.adw_id}/executions`;
    const { body } = await sut.call(`${executions}/1/compare/1`);
    expect(body).toMatchObject({
      a: {
        number: 1,
        total_calls: 1,
        total_tokens: 110,
        total_cost: 0.01,
        diff_size: { files: 1, insertions: 1, deletions: 1 },
        tests: { passed: 1, failed: 0 },
      },
    });
  });

  describe("that its agent changes nothing for", () => {
    let unchanged: RunView;
    let phasesBegun = 0;
    beforeAll(async () => {
      const counted = async () => {
        const metrics = await (await fetch(`${sut.apiUrl}/metrics`)).text();
        const count = /phase_wait_seconds_count\{[^}]*\} (\d+)/.exec(metrics);
        return Number(count?.[1] ?? 0);
      };
      const before = await counted();
      unchanged = await sut.run({ body: "agent: nothing" });
      phasesBegun = (await counted()) - before;
    });

    it("is counted by how long its phases waited for a runner", () => {
      expect(phasesBegun).toBe(3);
    });

    it("ends as no_changes, with a comment and no pull request (S4-31)", async () => {
      expect(unchanged).toMatchObject({
        status: "completed",
        outcome: "no_changes",
        pull_request_url: null,
      });
      expect(pullsOf(unchanged.branch_name)).toEqual([]);
      await eventually(() => {
        expect(statusComments(unchanged.issue_number)[0]?.body).toMatch(
          /no[_\\ ]+changes/i,
        );
      });
    });
  });

  it("mends what the tests found and succeeds in the second round (S4-33)", async () => {
    const run = await sut.run({ body: "agent: fix_in_round_two" });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(
      run.phases.map(
        (phase) => `${phase.phase} ${phase.round} ${phase.status}`,
      ),
    ).toEqual([
      "classify 1 succeeded",
      "plan 1 succeeded",
      "build 1 succeeded",
      "test 1 failed",
      "build 2 succeeded",
      "test 2 succeeded",
      "publish 1 succeeded",
    ]);
    const [built, mended] = await sut.promptsOf(run.adw_id, "build");
    // The first try multiplied; only the test itself can tell what became of 2 and 3.
    for (const real of ["BEGIN TEST OUTPUT", "$ npm", "6 !== 5"]) {
      expect(built).not.toContain(real);
      expect(mended).toContain(real);
    }
  });

  it("fails with the evidence after three more rounds, and leaves a draft (S4-33)", async () => {
    const run = await sut.run({ body: "agent: never_fix" });
    expect(run.status).toBe("failed");
    expect(run.phases.filter((phase) => phase.phase === "build")).toHaveLength(
      4,
    );
    expect(JSON.stringify(run.errors)).toContain("tests_failed");
    await eventually(() => {
      const [pull] = pullsOf(run.branch_name);
      expect(pull).toMatchObject({ draft: true });
      expect(pull?.body).toContain("exit code 1");
      expect(statusComments(run.issue_number)[0]?.body).toContain("failed");
    });
  });

  it("is refused by the guard when the agent writes instructions for agents", async () => {
    const run = await sut.run({ body: "agent: workflow_file" });
    expect(run.status).toBe("failed");
    expect(JSON.stringify(run.errors)).toContain("policy");
    expect(JSON.stringify(run.errors)).toContain("AGENTS.md");
    expect(pullsOf(run.branch_name)).toEqual([]);
  });

  it("waits for a person when the agent's key is wrong, and goes on when told to", async () => {
    const director = await startDirector("unauthorised", "fix");
    const run = await sut.run({
      body: director.line,
      until: ["waiting", "failed"],
    });
    expect(run).toMatchObject({ status: "waiting", waiting_reason: "person" });
    sut.github.comment(REPOSITORY, run.issue_number, "/continue", "ada");
    expect(
      await sut.runOf(run.issue_number, ["completed", "failed"]),
    ).toMatchObject({ status: "completed", outcome: "pull_request" });
    await director.close();
  });
});

describe("a live run", () => {
  it("has its agent at work beside another run's where the runner works on two phases at once", async () => {
    let release: (behaviour: string) => void = () => undefined;
    const released = new Promise<string>((resolve) => {
      release = resolve;
    });
    const directors = await Promise.all(
      [1, 2].map(() => startDirector(() => released)),
    );
    const runs = await Promise.all(
      directors.map(({ line }) =>
        sut.run({ body: line, label, until: ["pending", "running"] }),
      ),
    );
    await eventually(() => {
      expect(directors.map(({ turns }) => turns)).toEqual([1, 1]);
    }, 60_000).finally(() => release("nothing"));
    for (const { issue_number } of runs)
      await sut.runOf(issue_number, ["completed"]);
    await Promise.all(directors.map((director) => director.close()));
  });

  it("is cancelled by a comment, and its detached children are gone", async () => {
    const run = await sut.run({
      body: "agent: hang",
      label,
      until: ["running"],
    });
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toContain("left a child");
    });
    expect((await processesOf(run.adw_id)).length).toBeGreaterThan(1);
    sut.github.comment(REPOSITORY, run.issue_number, "/cancel", "ada");
    await sut.runOf(run.issue_number, ["cancelled"]);
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toMatch(/cancelled[\s\S]*, 0 left/);
    });
    expect(await processesOf(run.adw_id)).toEqual([]);
  });

  it("is the only one: a second trigger gets one reply and no second run (S4-36)", async () => {
    const run = await sut.run({
      body: "agent: hang",
      label,
      until: ["running"],
    });
    sut.github.comment(REPOSITORY, run.issue_number, "/adw", "ada");
    await eventually(() => {
      const replies = sut.github
        .listComments(REPOSITORY, run.issue_number)
        .filter((comment) => comment.body.includes("<!-- pullwright:reply:"));
      expect(replies).toHaveLength(1);
      expect(replies[0]?.body).toContain(run.adw_id);
    });
    const list = await sut.call(
      `/api/workflows?issue_number=${run.issue_number}`,
    );
    expect(list.body).toMatchObject({ total: 1 });
    await sut.call(`/api/workflows/${run.adw_id}/cancel`, {
      method: "POST",
      body: {},
    });
    await sut.runOf(run.issue_number, ["cancelled"]);
  });
});

describe("an ended run", () => {
  it("is retried from build and finishes without planning again (S4-26)", async () => {
    // What the guard refuses fails at once: the agent is not asked again.
    const director = await startDirector("workflow_file", "fix");
    const run = await sut.run({
      body: director.line,
      label: "adw:adw_plan_build",
    });
    expect(run).toMatchObject({ status: "failed" });
    const plans = await sut.promptsOf(run.adw_id, "plan");
    const planFile = `specs/issue-${run.issue_number}-${run.adw_id}-the-sum-is-wrong.md`;
    const kept = await sut.artifactsOf(run.adw_id, planFile);
    expect(kept).toEqual([expect.stringContaining("agent: fix")]);
    const retry = await sut.call(`/api/workflows/${run.adw_id}/retry`, {
      method: "POST",
      body: { phase: "build", note: "please" },
    });
    expect(retry.status).toBe(200);
    const again = await sut.runOf(run.issue_number, ["completed", "failed"]);
    expect(again).toMatchObject({
      status: "completed",
      outcome: "pull_request",
      branch_name: run.branch_name,
    });
    expect(again.phases.slice(0, 2).map((phase) => phase.status)).toEqual([
      "succeeded",
      "succeeded",
    ]);
    expect(await sut.promptsOf(run.adw_id, "plan")).toEqual(plans);
    expect(await sut.artifactsOf(run.adw_id, planFile)).toEqual(kept);
    const builds = await sut.promptsOf(run.adw_id, "build");
    expect(builds).toHaveLength(2);
    for (const prompt of builds)
      expect(prompt).toMatch(/BEGIN PLAN[\s\S]*# Plan\n+agent: fix/);
    const executions = await sut.call(
      `/api/workflows/${run.adw_id}/executions`,
    );
    expect(executions.body).toMatchObject({ total: 2 });
    await director.close();
  });
});

describe("people without the right", () => {
  it("start nothing, by label or by comment", async () => {
    const issue = sut.github.createIssue({
      repo: REPOSITORY,
      title: "Mine",
      body: "agent: fix",
      author: "mallory",
    });
    sut.github.comment(REPOSITORY, issue.number, "/adw", "mallory");
    sut.github.setCollaborator(REPOSITORY, "mallory", "triage");
    sut.github.addLabel(REPOSITORY, issue.number, "adw", "mallory");
    await eventually(async () => {
      const { body } = await sut.call("/api/audit?action=trigger.refused");
      const { items } = body as {
        items: { source: string; details: { issue_number: number } }[];
      };
      const refused = items.filter(
        ({ details }) => details.issue_number === issue.number,
      );
      expect(refused.map(({ source }) => source).sort()).toEqual([
        "comment",
        "label",
      ]);
    });
    const list = await sut.call(`/api/workflows?issue_number=${issue.number}`);
    expect(list.body).toMatchObject({ total: 0 });
    expect(
      sut.github
        .listComments(REPOSITORY, issue.number)
        .filter((comment) => comment.user.login === TOKEN_USER),
    ).toEqual([]);
  });
});

describe("GitHub's limits", () => {
  it("hold up the pull request for as long as GitHub says, and it is opened once", async () => {
    sut.github.faults.add({
      kind: "rate_limit_secondary",
      match: { method: "POST", path: /\/pulls$/ },
      retryAfterSeconds: 2,
      times: 1,
    });
    const run = await sut.run({ body: "agent: fix", label });
    expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
    expect(pullsOf(run.branch_name)).toHaveLength(1);
    const [limited, opened] = sut.github
      .requests()
      .filter(({ method, path }) => method === "POST" && /\/pulls$/.test(path))
      .slice(-2);
    expect([limited?.status, opened?.status]).toEqual([403, 201]);
    expect(Number(opened?.at) - Number(limited?.at)).toBeGreaterThan(1_900);
  });
});
