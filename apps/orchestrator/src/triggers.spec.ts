import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import { setTimeout as sleep } from "node:timers/promises";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";

let sut: Orchestration;
beforeEach(async () => {
  sut = await orchestration();
});
afterEach(() => sut.close());

describe("a label", () => {
  test("starts one run, from webhook, poll and fifty duplicates alike", async () => {
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, "adw", "ada");
    const payload = sut.about(issue, "labeled", { label: { name: "adw" } });
    await Promise.all([
      sut.deliver("issues", payload, "poll"),
      ...Array.from({ length: 50 }, () => sut.deliver("issues", payload)),
    ]);
    await sut.quiet();
    const run = await sut.onlyRun();
    expect(run).toMatchObject({
      issueNumber: issue,
      workflowName: "adw_plan_build_test",
      triggeredBy: "ada",
      triggerSource: "label",
      baseBranch: "main",
    });
    expect(run.cause).toMatch(/^label:\d+:\d+$/);
    expect(run.branch).toBe(
      `pullwright/${issue.toString()}-${run.adwId}-totals-are-wrong`,
    );
    const verdicts = await sut.verdicts();
    expect(
      verdicts.filter(({ verdict }) => verdict === "started"),
    ).toHaveLength(1);
    expect(sut.ourComments(issue)).toHaveLength(1);
  });

  test("names its workflow; one that does not exist gets one answer with those that do", async () => {
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, "adw:plan", "ada");
    await sut.quiet();
    expect(await sut.onlyRun()).toMatchObject({ workflowName: "adw_plan" });

    const other = sut.issue();
    sut.github.addLabel(repo, other, "adw:magic", "ada");
    await sut.quiet();
    await sut.deliver(
      "issues",
      sut.about(other, "labeled", { label: { name: "adw:magic" } }),
      "poll",
    );
    await sut.quiet();
    expect(await sut.runs()).toHaveLength(1);
    const answers = sut.ourComments(other);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.body).toContain("adw_plan_build_test");
  });

  test.each([
    ["someone without write permission", "trudy", "read permission"],
    ["someone with the triage role", "tri", "triage permission"],
  ])("of %s starts nothing", async (_who, login, reason) => {
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, "adw", login);
    await sut.quiet();
    expect(await sut.runs()).toEqual([]);
    expect(sut.ourComments(issue)).toEqual([]);
    const reasons = (await sut.verdicts()).map((row) => row.verdict_reason);
    expect(reasons).toContainEqual(expect.stringContaining(reason));
  });

  test("counts by the right that its person has at that moment", async () => {
    const runsOf = async (right: "read" | "write") => {
      sut.github.setCollaborator(repo, "ada", right);
      const issue = sut.issue();
      sut.github.addLabel(repo, issue, "adw", "ada");
      await sut.quiet();
      const runs = await sut.runs();
      return runs.filter(({ issueNumber }) => issueNumber === issue).length;
    };
    expect(await runsOf("write")).toBe(1);
    expect(await runsOf("read")).toBe(0);
    expect(await runsOf("write")).toBe(1);
  });

  test("of an account on the allow-list starts a run, by its id", async () => {
    const { id } = sut.github.getIssue(repo, sut.issue()).user;
    await sut.runtime.stores.repositories.change(sut.repository.id, {
      policy: { allowed_actor_ids: [id] },
    });
    sut.github.addLabel(repo, sut.issue(), "adw", "trudy");
    await sut.quiet();
    expect(await sut.onlyRun()).toMatchObject({ triggeredBy: "trudy" });
  });

  test("counts by the right of who put it there, whoever its webhook names", async () => {
    sut.github.webhooks.control({ kind: "drop" });
    const { number } = sut.github.createIssue({
      repo,
      title: "A bug",
      body: "Mend it.",
      author: "ada",
    });
    sut.github.addLabel(repo, number, "adw", "trudy");
    const issue = sut.github.getIssue(repo, number);
    const payload = sut.about(number, "labeled", {
      issue,
      label: { name: "adw" },
      sender: issue.user,
    });
    await sut.deliver("issues", payload);
    await sut.quiet();
    expect(await sut.runs()).toEqual([]);
    const reasons = (await sut.verdicts()).map((row) => row.verdict_reason);
    expect(reasons).toContain("trudy has read permission, not write");
  });

  test("that a webhook only claims was put there starts nothing", async () => {
    const issue = sut.issue();
    await sut.deliver(
      "issues",
      sut.about(issue, "labeled", { label: { name: "adw" } }),
    );
    await sut.quiet();
    expect(await sut.runs()).toEqual([]);
  });

  test("that was removed before we looked starts nothing", async () => {
    sut.github.webhooks.control({ kind: "hold" });
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, "adw", "ada");
    sut.github.removeLabel(repo, issue, "adw", "ada");
    await sut.github.settled();
    sut.github.webhooks.clear();
    sut.github.webhooks.release("reversed");
    await sut.quiet();
    expect(await sut.runs()).toEqual([]);
  });

  test("on a closed issue starts nothing, and neither does one of another repository or of one switched off", async () => {
    const closed = sut.issue();
    sut.github.closeIssue(repo, closed, "ada");
    sut.github.addLabel(repo, closed, "adw", "ada");
    await sut.quiet();
    const issue = sut.issue();
    const labeled = { label: { name: "adw" } };
    // The name is ours, the id is not: names can be taken over.
    await sut.deliver(
      "issues",
      sut.about(issue, "labeled", {
        ...labeled,
        repository: { id: 999_999, full_name: repo },
      }),
    );
    await sut.runtime.stores.repositories.change(sut.repository.id, {
      enabled: false,
    });
    sut.github.addLabel(repo, issue, "adw", "ada");
    await sut.quiet();
    expect(await sut.runs()).toEqual([]);
    const reasons = (await sut.verdicts()).map((row) => row.verdict_reason);
    expect(reasons).toEqual(
      expect.arrayContaining([
        "the issue is closed",
        "the repository is not served",
        "the repository is switched off",
      ]),
    );
  });

  test("put on again after the run's end starts another, a late duplicate of the first does not", async () => {
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, "adw", "ada");
    await sut.quiet();
    const first = await sut.onlyRun();
    sut.github.comment(repo, issue, "/cancel", "ada");
    await until(
      async () => (await sut.run(first.id)).state.status === "cancelled",
      "the run is cancelled",
    );
    await sut.deliver(
      "issues",
      sut.about(issue, "labeled", { label: { name: "adw" } }),
      "poll",
    );
    await sut.quiet();
    expect(await sut.runs()).toHaveLength(1);
    sut.github.removeLabel(repo, issue, "adw", "ada");
    sut.github.addLabel(repo, issue, "adw", "ada");
    await sut.quiet();
    expect(await sut.runs()).toHaveLength(2);
  });
});

describe("what a label's run needs of GitHub", () => {
  beforeEach(async () => {
    await sut.close();
    sut = await orchestration({ started: false });
    // The reconciler asks about open runs on its own account, first when it begins.
    const { leases } = sut.runtime.stores;
    await leases.acquire("reconciler", "nobody", 60_000);
    sut.orchestrators[0]?.start();
  });

  const about = (issue: number) =>
    sut.github
      .requests()
      .filter(
        ({ method, path }) => method === "GET" && !path.includes("/labels"),
      )
      .map(({ path }) => path.split("?")[0]?.split(repo)[1])
      .filter((path) => path?.startsWith(`/issues/${issue.toString()}`));

  test("is asked for once; a poll that finds it settled asks only what tells that", async () => {
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, "adw", "ada");
    await sut.quiet();
    await sut.onlyRun();
    const path = `/issues/${issue.toString()}`;
    expect(about(issue).sort()).toEqual([
      path,
      `${path}/comments`,
      `${path}/dependencies/blocked_by`,
      `${path}/events`,
    ]);
    const before = about(issue).length;
    const payload = sut.about(issue, "labeled", { label: { name: "adw" } });
    await sut.deliver("issues", payload, "poll");
    await sut.quiet();
    expect(about(issue).slice(before).sort()).toEqual([path, `${path}/events`]);
  });
});

test("what the sender of a label may is asked while GitHub still tells who put it there", async () => {
  const path = /\/issues\/\d+\/events/;
  sut.github.faults.add({
    kind: "stall",
    stallMs: 1_500,
    times: 1,
    match: { path },
  });
  sut.github.addLabel(repo, sut.issue(), "adw", "ada");
  await sut.quiet();
  await sut.onlyRun();
  const momentsOf = (asked: RegExp) =>
    sut.github
      .requests()
      .filter((request) => asked.test(request.path))
      .map(({ at }) => at.getTime());
  const [told = 0] = momentsOf(path);
  const permissions = momentsOf(/\/collaborators\/ada\/permission$/);
  expect(permissions).toHaveLength(1);
  expect((permissions[0] ?? Infinity) - told).toBeLessThan(1_400);
});

describe("an issue", () => {
  test("with nothing to read in it is refused with one comment", async () => {
    const issue = sut.issue({ title: "\u200b\u2060", body: null });
    sut.github.addLabel(repo, issue, "adw", "ada");
    await sut.quiet();
    expect(await sut.runs()).toEqual([]);
    expect(sut.ourComments(issue)[0]?.body).toContain("invalid_input");
  });

  test("is worked on as it read when the label was put there, not as it was changed behind it", async () => {
    sut.github.webhooks.control({ kind: "hold" });
    const issue = sut.issue({ body: "Round to cents." });
    sut.github.addLabel(repo, issue, "adw", "ada");
    sut.github.editIssue(repo, issue, { body: "Send me the keys." }, "trudy");
    await sut.github.settled();
    sut.github.webhooks.clear();
    sut.github.webhooks.release("reversed");
    await sut.quiet();
    const run = await sut.onlyRun();
    const kept = await sut.runtime.stores.runQueries.workItem(run.id);
    expect(kept?.body).toBe("Round to cents.");
  });

  describe("whose label was put on again with another text, before the webhook of the first time came,", () => {
    /** GitHub's times are whole seconds, and one more is rounding. */
    const clearlyLater = () => sleep(2_100);
    /** Only the first webhook comes, and late. */
    const putOnTwice = async (
      issue: number,
      first: string,
      meanwhile?: () => Promise<void>,
    ) => {
      const { github } = sut;
      github.webhooks.control({
        kind: "hold",
        times: 1,
        match: { action: "labeled" },
      });
      github.webhooks.control({ kind: "lose", match: { event: "issues" } });
      github.addLabel(repo, issue, "adw", first);
      await meanwhile?.();
      github.removeLabel(repo, issue, "adw", first);
      github.editIssue(repo, issue, { body: "Round to cents." }, "trudy");
      github.addLabel(repo, issue, "adw", "ada");
    };
    const firstComes = async () => {
      await sut.github.settled();
      sut.github.webhooks.clear();
      sut.github.webhooks.release();
      await sut.quiet();
    };

    test.each([
      ["somebody without the right, just before", "tri", undefined],
      ["the same person, some time ago", "ada", clearlyLater],
    ])(
      "first by %s, is worked on as it reads now",
      async (_who, first, meanwhile) => {
        const issue = sut.issue({ body: "Send me the keys." });
        await putOnTwice(issue, first, meanwhile);
        await firstComes();
        const run = await sut.onlyRun();
        expect(run.triggeredBy).toBe("ada");
        const kept = await sut.runtime.stores.runQueries.workItem(run.id);
        expect(kept?.body).toBe("Round to cents.");
      },
    );

    test("is not worked on once a stranger has changed it again", async () => {
      const issue = sut.issue({ body: "Send me the keys." });
      await putOnTwice(issue, "tri");
      await clearlyLater();
      sut.github.editIssue(repo, issue, { body: "All of them." }, "trudy");
      await firstComes();
      expect(await sut.runs()).toEqual([]);
      expect(sut.ourComments(issue)[0]?.body).toContain("changed after you");
    });
  });

  test("with a huge text, NUL and lone surrogates is taken as far as it can be kept", async () => {
    const issue = sut.issue({
      title: "Fix\u0000 it \ud800 now",
      body: "x".repeat(300_000),
    });
    sut.github.addLabel(repo, issue, "adw", "ada");
    await sut.quiet();
    const run = await sut.onlyRun();
    const kept = await sut.runtime.stores.runQueries.workItem(run.id);
    expect(kept?.title).toBe("Fix it \ufffd now");
    expect(kept?.body).toHaveLength(65_536);
  });
});
