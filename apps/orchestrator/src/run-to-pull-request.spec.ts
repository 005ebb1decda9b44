import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import {
  evidence,
  playAll,
  playPhase,
} from "./__fixtures__/scripted-runner.js";

let sut: Orchestration;
beforeEach(async () => {
  sut = await orchestration();
});
afterEach(() => sut.close());

async function labelled(label = "adw", title?: string): Promise<number> {
  const issue = sut.issue(title === undefined ? {} : { title });
  sut.github.addLabel(repo, issue, label, "ada");
  await sut.quiet();
  return issue;
}

const labelsOf = (issue: number) =>
  sut.github
    .getIssue(repo, issue)
    .labels.map((label) => (typeof label === "string" ? label : label.name));

/** What the run's head commit is marked with, all of it. */
async function marks(id: string) {
  const { headSha } = (await sut.run(id)).state;
  return sut.github
    .combinedStatus(repo, headSha ?? "")
    .statuses.map(({ state, description }) => ({ state, description }));
}

const statusComment = (issue: number) => {
  const comments = sut
    .ourComments(issue)
    .filter(({ body }) => body.includes("pullwright:run:"));
  expect(comments).toHaveLength(1);
  return comments[0]?.body ?? "";
};

describe("a run", () => {
  test("goes from the label to a ready pull request, shown in one comment and one label all the way", async () => {
    const issue = await labelled();
    const { id, adwId } = await sut.onlyRun();
    expect(statusComment(issue)).toContain("queued");
    expect(labelsOf(issue)).toEqual(
      expect.arrayContaining(["adw", "pullwright:running"]),
    );

    await playPhase(sut, id); // classify
    await playPhase(sut, id); // plan
    await playPhase(sut, id); // build
    await until(
      () => sut.github.listPulls(repo).length === 1,
      "the draft is open",
    );
    await sut.quiet();
    const [draft] = sut.github.listPulls(repo);
    expect(draft).toMatchObject({ draft: true, title: "Totals are wrong" });
    expect(draft?.body).toContain(`Fixes #${issue.toString()}`);
    expect(draft?.body).toContain(`pullwright:run:${adwId}`);
    expect(draft?.body).toContain("Round the totals.");
    expect((await sut.run(id)).pullRequestNumber).toBe(draft?.number);
    expect(await marks(id)).toEqual([
      { state: "pending", description: "Pullwright is at work" },
    ]);

    await playPhase(sut, id); // test
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
    await sut.quiet();
    const run = await sut.run(id);
    expect(run.state).toMatchObject({
      outcome: "pull_request",
      pullRequestUrl: draft?.html_url,
    });
    const [pull, ...others] = sut.github.listPulls(repo);
    expect(others).toEqual([]);
    expect(pull).toMatchObject({ draft: false, state: "open" });
    expect(pull?.body).toContain("Tests passed");
    expect(pull?.body).toContain("12 passed");
    expect(pull?.body).toContain("totals.test.js");
    expect(pull?.body).toContain("$0.75");
    const comment = statusComment(issue);
    expect(comment).toContain("completed");
    expect(comment).toContain(pull?.html_url);
    expect(labelsOf(issue)).toEqual(["adw", "pullwright:completed"]);
    expect(sut.github.combinedStatus(repo, run.state.headSha ?? "").state).toBe(
      "success",
    );
    expect(sut.ourComments(issue)).toHaveLength(1);
  });

  test("whose tests never pass leaves a draft with the evidence, and says how to try again", async () => {
    const issue = await labelled();
    const { id } = await sut.onlyRun();
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    for (let round = 0; round <= 3; round += 1) {
      await playPhase(sut, id, {
        result: (headSha) => ({
          outcome: "failed",
          failureClass: "tests_failed",
          message: "1 of 12 tests failed.",
          summary: "",
          usage: null,
          tests: evidence(headSha, {
            commands: [
              {
                command: ["npm", "test"],
                kind: "test",
                exitCode: 1,
                durationMs: 900,
                outputTail: "expected 3, got 2",
              },
            ],
          }),
        }),
      });
      if (round < 3) await playPhase(sut, id);
    }
    await sut.quiet();
    expect((await sut.run(id)).state).toMatchObject({
      status: "failed",
      failure: { failureClass: "tests_failed" },
    });
    const [pull] = sut.github.listPulls(repo);
    expect(pull).toMatchObject({ draft: true });
    expect(pull?.body).toContain("expected 3, got 2");
    const comment = statusComment(issue);
    expect(comment).toContain("tests_failed");
    expect(comment).toContain("expected 3, got 2");
    expect(comment).toContain("/retry build");
    expect(labelsOf(issue)).toContain("pullwright:failed");
    expect(await marks(id)).toEqual([
      {
        state: "failure",
        description: "tests_failed: 1 of 12 tests failed.",
      },
    ]);
  });

  test("that is cancelled says so on its commit", async () => {
    const issue = await labelled();
    const { id } = await sut.onlyRun();
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    await sut.quiet();
    sut.github.comment(repo, issue, "/cancel", "ada");
    await until(
      async () => (await sut.run(id)).state.status === "cancelled",
      "the run is cancelled",
    );
    await sut.quiet();
    expect(await marks(id)).toEqual([
      { state: "error", description: "The run was cancelled" },
    ]);
  });

  test("without a test command completes, says so, and leaves the pull request a draft", async () => {
    const issue = await labelled();
    const { id } = await sut.onlyRun();
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    await playPhase(sut, id, {
      result: (headSha) => ({
        outcome: "succeeded",
        summary: "Nothing to run.",
        usage: null,
        tests: evidence(headSha, { tested: false, commands: [] }),
      }),
    });
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
    await sut.quiet();
    expect(sut.github.listPulls(repo)[0]).toMatchObject({ draft: true });
    expect(statusComment(issue)).toContain("Untested");
  });

  test("that changes nothing completes without a pull request and says so", async () => {
    const issue = await labelled();
    const { id } = await sut.onlyRun();
    await playPhase(sut, id);
    await playPhase(sut, id);
    await playPhase(sut, id, {
      files: {},
      result: () => ({
        outcome: "no_changes",
        summary: "It is right already.",
        usage: null,
      }),
    });
    await sut.quiet();
    expect((await sut.run(id)).state).toMatchObject({
      status: "completed",
      outcome: "no_changes",
    });
    expect(sut.github.listPulls(repo)).toEqual([]);
    expect(statusComment(issue)).toContain("No changes were needed");
  });
});

describe("new work on an issue whose pull request was merged", () => {
  /** A completed run whose pull request somebody has merged, its branch kept, and its issue open again. */
  async function merged() {
    const issue = await labelled();
    const { id } = await sut.onlyRun();
    await playAll(sut, id);
    await completed(id);
    const run = await sut.run(id);
    const number = run.pullRequestNumber ?? 0;
    await sut.github.mergePull(repo, number, "ada", "squash");
    await sut.quiet();
    sut.github.reopenIssue(repo, issue, "ada");
    await sut.quiet();
    return { issue, run, number };
  }

  const completed = (id: string) =>
    until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
  const openPulls = () => sut.github.listPulls(repo, "open");
  const mergesNoted = async () => {
    const { rows } = await sut.runtime.database.pool.query<{ number: number }>(
      "SELECT pull_request_number AS number FROM workflow_runs WHERE pull_request_merged_at IS NOT NULL",
    );
    return rows.map(({ number }) => number);
  };

  test("by a retry of its run is shown in a pull request of its own", async () => {
    const { issue, run, number } = await merged();
    expect(await mergesNoted()).toEqual([number]);
    sut.github.comment(repo, issue, "/retry build", "ada");
    await sut.quiet();
    await playPhase(sut, run.id, { files: { "src/more.js": "1\n" } });
    await playPhase(sut, run.id);
    await completed(run.id);
    await sut.quiet();
    const [pull, ...others] = openPulls();
    expect(others).toEqual([]);
    expect(pull).toMatchObject({ draft: false, head: { ref: run.branch } });
    expect(await sut.run(run.id)).toMatchObject({
      pullRequestNumber: pull?.number,
      state: { pullRequestUrl: pull?.html_url },
    });
    expect(statusComment(issue)).toContain(pull?.html_url);
    // Nor is it taken for merged.
    expect(await mergesNoted()).toEqual([]);
  });

  test("by another run begins anew, on a branch of its own", async () => {
    const { issue, run } = await merged();
    sut.github.comment(repo, issue, "/adw build", "ada");
    await sut.quiet();
    const next = (await sut.runs()).find(({ id }) => id !== run.id);
    expect(next).toMatchObject({ pullRequestNumber: null, pushedSha: null });
    expect(next?.branch).not.toBe(run.branch);
    await playAll(sut, next?.id ?? "");
    await completed(next?.id ?? "");
    expect(openPulls()).toMatchObject([{ head: { ref: next?.branch } }]);
  });

  test("cannot be a test alone, which says why", async () => {
    const { issue } = await merged();
    sut.github.comment(repo, issue, "/adw test", "ada");
    await sut.quiet();
    expect(await sut.runs()).toHaveLength(1);
    expect(sut.ourComments(issue).at(-1)?.body).toContain("merged");
  });
});

describe("publishing", () => {
  test("stops at protected files, whoever put them on the branch", async () => {
    const issue = await labelled();
    const { id } = await sut.onlyRun();
    await playPhase(sut, id);
    await playPhase(sut, id);
    await playPhase(sut, id, {
      files: { ".github/workflows/ci.yml": "on: push\n", "a.js": "1\n" },
    });
    await playPhase(sut, id);
    await until(
      async () => (await sut.run(id)).state.status === "failed",
      "the run fails",
    );
    await sut.quiet();
    expect((await sut.run(id)).state.failure).toMatchObject({
      failureClass: "policy",
      phase: "publish",
    });
    expect(sut.github.listPulls(repo)).toEqual([]);
    expect(statusComment(issue)).toContain("is protected");
  });

  test("stops at a commit that is not the run's own, and leaves it alone", async () => {
    await labelled();
    const { id } = await sut.onlyRun();
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    await sut.quiet();
    const { branch } = await sut.run(id);
    const theirs = await sut.github.commitFiles(
      repo,
      branch,
      { "mine.txt": "a person was here\n" },
      { author: "acme", message: "By hand" },
    );
    await playPhase(sut, id);
    await until(
      async () => (await sut.run(id)).state.status === "failed",
      "the run fails",
    );
    await sut.quiet();
    expect((await sut.run(id)).state.failure?.failureClass).toBe("conflict");
    expect((await sut.github.branches(repo)).get(branch)).toBe(theirs);
    expect(sut.github.listPulls(repo)[0]).toMatchObject({ draft: true });
  });

  test("adopts the pull request whose creation had no answer", async () => {
    await labelled();
    const { id } = await sut.onlyRun();
    sut.github.faults.add({
      kind: "reset_after_handling",
      match: { method: "POST", path: /\/pulls$/ },
      times: 1,
    });
    await playAll(sut, id);
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
    expect(sut.github.listPulls(repo)).toHaveLength(1);
  });

  test("opens it after all when the request never arrived, but not before that is certain", async () => {
    await labelled();
    const { id } = await sut.onlyRun();
    sut.github.faults.add({
      kind: "reset",
      match: { method: "POST", path: /\/pulls$/ },
      times: 1,
    });
    await playAll(sut, id);
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
    expect(sut.github.listPulls(repo)).toHaveLength(1);
    const creations = sut.github
      .requests()
      .filter(
        ({ method, path }) => method === "POST" && path.endsWith("/pulls"),
      );
    const [first, second] = creations.map(({ at }) => at.getTime());
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(200);
  });

  test("waits for the quota by name and goes on by itself", async () => {
    const issue = await labelled();
    const { id } = await sut.onlyRun();
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    await sut.quiet();
    sut.github.faults.add({
      kind: "rate_limit_secondary",
      status: 429,
      retryAfterSeconds: 2,
      match: { path: /\/compare\// },
      times: 1,
    });
    await playPhase(sut, id);
    await until(
      async () => (await sut.run(id)).state.waiting?.reason === "quota",
      "the run waits for the quota",
    );
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
      40_000, // GitHub asks for a second between writes once its limit was met.
    );
    await sut.quiet();
    expect(sut.github.listPulls(repo)[0]).toMatchObject({ draft: false });
    expect(labelsOf(issue)).toContain("pullwright:completed");
  }, 60_000);
});
