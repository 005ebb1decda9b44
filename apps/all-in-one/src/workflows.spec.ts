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
    const built = await sut.call("/api/workflows/trigger", {
      method: "POST",
      body: {
        issue_number: planned.issue_number,
        workflow: "adw_build",
        repository: REPOSITORY,
      },
    });
    expect(built.status).toBe(202);
    const run = await sut.runOf(planned.issue_number, ["completed", "failed"]);
    expect(run.status).toBe("completed");
    const patch = await sut.github.diff(REPOSITORY, "main", run.branch_name);
    expect(patch).toContain(
      `specs/issue-${run.issue_number}-${planned.adw_id}`,
    );
    expect(patch).toContain("a + b");
    expect(pullsOf(sut, run.branch_name)).toMatchObject([{ draft: true }]);
  });

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
