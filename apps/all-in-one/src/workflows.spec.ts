import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import {
  eventually,
  REPOSITORY,
  startInstallation,
  TOKEN_USER,
  type Installation,
} from "./__fixtures__/installation.js";
import { processesOf } from "./__fixtures__/processes-of.js";

jest.setTimeout(240_000);

const pullsOf = (sut: Installation, branch: string) =>
  sut.github.listPulls(REPOSITORY).filter((pull) => pull.head.ref === branch);

describe("the other workflows", () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation();
  });
  afterAll(() => sut.stop());

  /** Starts the next workflow of an issue and waits for its end. */
  async function goOn(issueNumber: number, workflow: string) {
    const triggered = await sut.call("/api/workflows/trigger", {
      method: "POST",
      body: { issue_number: issueNumber, workflow, repository: REPOSITORY },
    });
    expect(triggered.status).toBe(202);
    return sut.runOf(issueNumber, ["completed", "failed"]);
  }

  it("adw_plan leaves a plan and no pull request, and adw_build goes on from its branch", async () => {
    const planned = await sut.run({
      body: "agent: fix",
      label: "adw:adw_plan",
    });
    expect(planned).toMatchObject({
      status: "completed",
      outcome: "planned",
      pull_request_url: null,
    });
    expect(pullsOf(sut, planned.branch_name)).toEqual([]);
    const run = await goOn(planned.issue_number, "adw_build");
    expect(run.status).toBe("completed");
    const patch = await sut.github.diff(REPOSITORY, "main", run.branch_name);
    expect(patch).toContain(
      `specs/issue-${run.issue_number}-${planned.adw_id}`,
    );
    expect(patch).toContain("a + b");
    expect(pullsOf(sut, run.branch_name)).toMatchObject([{ draft: true }]);
  });

  it.each([
    {
      behaviour: "fix",
      ending: { status: "completed", outcome: "pull_request", errors: [] },
      phases: ["test succeeded", "publish succeeded"],
      draft: false,
      said: "Tests passed",
    },
    {
      behaviour: "break",
      ending: { status: "failed", errors: [{ class: "tests_failed" }] },
      phases: ["test failed", "publish skipped"],
      draft: true,
      said: "Tests failed",
    },
  ])(
    "adw_test says in the pull request of adw_build what became of it ($said)",
    async ({ behaviour, ending, phases, draft, said }) => {
      const built = await sut.run({
        body: `agent: ${behaviour}`,
        label: "adw:adw_build",
      });
      const [opened, ...others] = pullsOf(sut, built.branch_name);
      expect(others).toEqual([]);
      expect(opened).toMatchObject({ draft: true });
      expect(opened?.body).not.toContain("Tests ");
      const tested = await goOn(built.issue_number, "adw_test");
      expect(tested).toMatchObject(ending);
      expect(tested.adw_id).not.toBe(built.adw_id);
      expect(tested.branch_name).toBe(built.branch_name);
      expect(
        tested.phases.map(({ phase, status }) => `${phase} ${status}`),
      ).toEqual(phases);
      await eventually(() => {
        const pulls = pullsOf(sut, built.branch_name);
        expect(pulls).toMatchObject([{ number: opened?.number, draft }]);
        expect(pulls[0]?.body).toContain(said);
        expect(pulls[0]?.body).toContain("node sum.test.mjs");
      });
    },
  );

  it.each([
    { labels: ["bug"], classification: "bug", isAsked: false },
    { labels: [], classification: "chore", isAsked: true },
  ])(
    "take an issue with the labels $labels for a $classification where the agent would say chore",
    async ({ labels, classification, isAsked }) => {
      const run = await sut.run({
        body: "taken for a chore",
        labels,
        label: "adw:adw_plan",
      });
      expect(run).toMatchObject({ status: "completed", classification });
      const [prompt] = await sut.promptsOf(run.adw_id, "classify");
      expect((prompt ?? "").length > 0).toBe(isAsked);
    },
  );

  it("adw_test alone says that there is nothing to test, once", async () => {
    const issue = sut.github.createIssue({
      repo: REPOSITORY,
      title: "Nothing yet",
      body: "",
      author: "ada",
    });
    sut.github.addLabel(REPOSITORY, issue.number, "adw:adw_test", "ada");
    const ours = () =>
      sut.github
        .listComments(REPOSITORY, issue.number)
        .filter((comment) => comment.user.login === TOKEN_USER);
    await eventually(() => {
      expect(ours()).toHaveLength(1);
      expect(ours()[0]?.body).toMatch(/nothing to test|earlier run/i);
    });
    // The comment itself comes in as well, and must not be answered.
    await sut.github.settled();
    await eventually(async () => {
      const { body } = await sut.call("/api/deliveries?verdict=open");
      expect(body).toMatchObject({ items: [] });
    });
    expect(ours()).toHaveLength(1);
  });

  it("end when a person closes the issue", async () => {
    const run = await sut.run({
      body: "agent: hang",
      label: "adw:adw_build",
      until: ["running"],
    });
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toContain("left a child");
    });
    sut.github.closeIssue(REPOSITORY, run.issue_number, "ada");
    await sut.runOf(run.issue_number, ["cancelled"]);
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toMatch(/cancelled[\s\S]*, 0 left/);
    });
    expect(await processesOf(run.adw_id)).toEqual([]);
  });
});
