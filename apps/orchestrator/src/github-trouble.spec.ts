import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import {
  playAll,
  playPhase,
  playToRefusedBuild,
} from "./__fixtures__/scripted-runner.js";

let sut: Orchestration;
beforeEach(async () => {
  sut = await orchestration();
});
afterEach(() => sut.close());

const labelled = () => {
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  return issue;
};

describe("a trigger", () => {
  test.each([
    ["answers 502", { kind: "status", status: 502, times: 4 }],
    ["cuts the connection", { kind: "reset", times: 4 }],
    ["sends half of its answers", { kind: "truncate", times: 4 }],
  ] as const)("is kept while GitHub %s", async (_what, fault) => {
    sut.github.faults.add({
      ...fault,
      match: { method: "GET", path: /issues/ },
    });
    labelled();
    await sut.quiet();
    expect(await sut.onlyRun()).toMatchObject({ triggeredBy: "ada" });
  });

  test.each([403, 429])(
    "waits as long as GitHub's limit says (%s) and is not lost",
    async (status) => {
      sut.github.faults.add({
        kind: "rate_limit_secondary",
        status,
        retryAfterSeconds: 1,
        times: 1,
        match: { method: "GET", path: /\/issues\/\d+$/ },
      });
      const issue = labelled();
      await until(
        async () =>
          (await sut.verdicts()).some((row) =>
            row.verdict_reason?.includes(status.toString()),
          ),
        "the delivery is put back",
      );
      const asked = () =>
        sut.github
          .requests()
          .filter(({ path }) => path.endsWith(`/issues/${issue.toString()}`));
      await sut.quiet();
      await sut.onlyRun();
      const [first, second] = asked().map(({ at }) => at.getTime());
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(950);
    },
  );

  test("whose handling fails by our own mistake ends as failed, with the reason", async () => {
    await sut.runtime.database.pool.query(
      "ALTER TABLE work_items ADD CONSTRAINT spec_refuses CHECK (title <> 'Poison')",
    );
    const issue = sut.issue({ title: "Poison" });
    sut.github.addLabel(repo, issue, "adw", "ada");
    await until(
      async () =>
        (await sut.verdicts()).some(({ verdict }) => verdict === "failed"),
      "the delivery is given up",
    );
    const failed = (await sut.verdicts()).find(
      ({ verdict }) => verdict === "failed",
    );
    expect(failed?.verdict_reason).toContain("spec_refuses");
    const other = labelled();
    await sut.quiet();
    expect(await sut.onlyRun()).toMatchObject({ issueNumber: other });
  });
});

describe("effects", () => {
  test("adopt the status comment whose creation had no answer", async () => {
    sut.github.faults.add({
      kind: "reset_after_handling",
      match: { method: "POST", path: /\/comments$/ },
      times: 1,
    });
    const issue = labelled();
    await sut.quiet();
    await playPhase(sut, (await sut.onlyRun()).id);
    await sut.quiet();
    const comments = sut.ourComments(issue);
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain("✅ succeeded");
  });

  test("give one answer although the end of GitHub's own was lost", async () => {
    const issue = labelled();
    await sut.quiet();
    sut.github.faults.add({
      kind: "truncate",
      match: { method: "POST", path: /\/comments$/ },
      times: 1,
    });
    sut.github.comment(repo, issue, "/status", "ada");
    await sut.quiet();
    const replies = sut
      .ourComments(issue)
      .filter(({ body }) => body.includes("pullwright:reply:"));
    expect(replies).toHaveLength(1);
  });

  test("adopt the check run whose creation had no answer", async () => {
    await sut.close();
    sut = await orchestration({ asApp: true });
    const creation = { method: "POST", path: /\/check-runs$/ };
    sut.github.faults.add({
      kind: "reset_after_handling",
      match: creation,
      times: 1,
    });
    // Of one commit: each has a check run of its own.
    sut.github.addLabel(repo, sut.issue(), "adw:adw_build", "ada");
    await sut.quiet();
    const { id } = await sut.onlyRun();
    await playAll(sut, id);
    await sut.quiet();
    const sha = (await sut.run(id)).state.headSha ?? "";
    expect(
      sut.github
        .requests()
        .filter(
          ({ method, path }) =>
            method === creation.method && creation.path.test(path),
        ),
    ).toMatchObject([{ fault: "reset_after_handling" }]);
    expect(sut.github.checkRuns(repo, sha)).toMatchObject([
      { status: "completed", conclusion: "neutral" },
    ]);
  });

  test("leave a check run that has ended as it is, also where a retry's own may or may not be there", async () => {
    await sut.close();
    sut = await orchestration({ asApp: true });
    const issue = labelled();
    await sut.quiet();
    const { id } = await sut.onlyRun();
    await playToRefusedBuild(sut, id);
    await sut.quiet();
    const sha = (await sut.run(id)).state.headSha ?? "";
    sut.github.faults.add({
      kind: "reset",
      match: { method: "POST", path: /\/check-runs$/ },
      times: 1,
    });
    sut.github.comment(repo, issue, "/retry build", "ada");
    await sut.quiet();
    expect(sut.github.checkRuns(repo, sha)).toMatchObject([
      { status: "completed", conclusion: "failure" },
      { status: "queued" },
    ]);
  });

  test("write the status comment anew when somebody deleted it", async () => {
    const issue = labelled();
    await sut.quiet();
    const [comment] = sut.ourComments(issue);
    sut.github.deleteComment(repo, comment?.id ?? 0, "acme");
    await playPhase(sut, (await sut.onlyRun()).id);
    await sut.quiet();
    expect(sut.ourComments(issue)).toHaveLength(1);
  });

  test("wait for a creation of the status comment that may still arrive, also where the one before was deleted", async () => {
    await sut.close();
    sut = await orchestration({ timing: { uncertaintyMs: 2_000 } });
    const issue = labelled();
    await sut.quiet();
    const { id } = await sut.onlyRun();
    const [comment] = sut.ourComments(issue);
    sut.github.deleteComment(repo, comment?.id ?? 0, "acme");
    const match = { method: "POST", path: /\/comments$/ };
    sut.github.faults.add({ kind: "reset", times: 1, match });
    const before = sut.github.requests().length;
    await playPhase(sut, id);
    await sut.quiet();
    const [lost, repeated, ...more] = sut.github
      .requests()
      .slice(before)
      .filter(
        ({ method, path }) => method === match.method && match.path.test(path),
      )
      .map(({ at }) => at.getTime());
    expect(more).toEqual([]);
    // Counted from the claim, which comes before the write.
    expect((repeated ?? 0) - (lost ?? 0)).toBeGreaterThan(1_000);
    expect(sut.ourComments(issue)).toHaveLength(1);
  });

  test("catch up after an outage of GitHub, with every target as it should be", async () => {
    const issue = labelled();
    await sut.quiet();
    const { id } = await sut.onlyRun();
    sut.github.faults.add({ kind: "status", status: 503 });
    await playAll(sut, id);
    await until(
      () =>
        sut.github.requests().filter(({ status }) => status === 503).length > 8,
      "GitHub is asked in vain",
    );
    sut.github.faults.clear();
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
      20_000,
    );
    await sut.quiet();
    expect(sut.github.listPulls(repo)).toHaveLength(1);
    expect(sut.ourComments(issue)).toHaveLength(1);
    const labels = sut.github.getIssue(repo, issue).labels;
    expect(JSON.stringify(labels)).toContain("pullwright:completed");
  });

  test("that GitHub forbids are given up visibly, and nothing else waits for them", async () => {
    sut.github.faults.add({
      kind: "status",
      status: 403,
      match: { path: /\/labels/ },
    });
    const issue = labelled();
    await sut.quiet();
    const { id } = await sut.onlyRun();
    const labels = (await sut.runtime.stores.effects.ofRun(id)).find(
      ({ kind }) => kind === "labels",
    );
    expect(labels).toMatchObject({ status: "failed" });
    expect(labels?.lastError).toContain("403");
    const log = await sut.runtime.stores.logs.page(id, {
      after: 0,
      limit: 100,
    });
    expect(log.map(({ message }) => message).join()).toContain("labels:");
    expect(sut.ourComments(issue)).toHaveLength(1);
  });

  test("that need a person while publishing make the run wait for one", async () => {
    labelled();
    await sut.quiet();
    const { id } = await sut.onlyRun();
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    await sut.quiet();
    sut.github.faults.add({
      kind: "status",
      status: 403,
      match: { path: /\/compare\// },
      times: 1,
    });
    await playPhase(sut, id);
    await until(
      async () => (await sut.run(id)).state.waiting?.reason === "person",
      "the run waits for a person",
    );
    sut.github.comment(
      repo,
      (await sut.run(id)).issueNumber ?? 0,
      "/continue",
      "ada",
    );
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
  });
});

describe("a draft that opens slowly", () => {
  test("is not taken for the published pull request of a run that began to publish meanwhile", async () => {
    labelled();
    await sut.quiet();
    const { id } = await sut.onlyRun();
    const match = { method: "POST", path: /\/pulls$/ };
    sut.github.faults.add({ kind: "stall", stallMs: 1_500, times: 1, match });
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    await until(
      () =>
        sut.github
          .requests()
          .some(
            ({ method, path }) => method === "POST" && match.path.test(path),
          ),
      "the draft is asked for",
    );
    await playPhase(sut, id); // test
    expect((await sut.run(id)).phaseRows.at(-1)?.status).toBe("running");
    expect(sut.github.listPulls(repo)).toEqual([]);
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
    expect(sut.github.listPulls(repo)).toMatchObject([{ draft: false }]);
  });
});
