import { afterEach, describe, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  quickTiming,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import {
  playAll,
  playPhase,
  playToRefusedBuild,
} from "./__fixtures__/scripted-runner.js";

let sut: Orchestration;
afterEach(() => sut.close());

describe("several orchestrators", () => {
  test("make one run, one comment and one pull request of many racing deliveries", async () => {
    sut = await orchestration({ orchestrators: 3 });
    const issue = sut.issue();
    sut.github.webhooks.control({ kind: "double" });
    sut.github.addLabel(repo, issue, "adw", "ada");
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        sut.deliver(
          "issues",
          sut.about(issue, "labeled", { label: { name: "adw" } }),
          n % 2 === 0 ? "poll" : "webhook",
        ),
      ),
    );
    await sut.quiet();
    const { id } = await sut.onlyRun();
    await playAll(sut, id);
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
    await sut.quiet();
    expect(sut.ourComments(issue)).toHaveLength(1);
    expect(sut.github.listPulls(repo)).toHaveLength(1);
    expect(
      sut.orchestrators.filter(({ isReconciling }) => isReconciling),
    ).toHaveLength(1);
  });

  test("replace a reconciler that fell silent, and rings that nobody heard are made again", async () => {
    sut = await orchestration({ orchestrators: 2, started: false });
    const [first, second] = sut.orchestrators;
    // The holder is gone without a word: its lease is all that is left of it.
    await sut.runtime.stores.leases.acquire(
      "reconciler",
      "a dead process",
      quickTiming.reconciler.leaseMs,
    );
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, "adw", "ada");
    await sut.github.settled();
    await sut.runtime.database.pool.query(
      "UPDATE deliveries SET rung_at = NULL",
    );
    await sut.runtime.queues
      .bullBoardQueues()
      .find(({ name }) => name === "pipeline-events")
      ?.obliterate({ force: true });
    first?.start();
    second?.start();
    await until(
      () => (first?.isReconciling ?? false) || (second?.isReconciling ?? false),
      "somebody reconciles",
    );
    await sut.quiet();
    await sut.onlyRun();
  });
});

describe("the reconciler", () => {
  test("finds the attempts of dead runners and issues closed unseen, and keeps partitions ready", async () => {
    sut = await orchestration({
      webhooks: false,
      timing: {
        reconciler: { ...quickTiming.reconciler, comparisonEveryMs: 100 },
      },
    });
    const { stores } = sut.runtime;
    const labelled = async () => {
      const issue = sut.issue();
      sut.github.addLabel(repo, issue, "adw", "ada");
      await sut.deliver(
        "issues",
        sut.about(issue, "labeled", { label: { name: "adw" } }),
        "poll",
      );
      await sut.quiet();
      const run = await stores.runs.latestOfIssue(sut.repository.id, issue);
      if (run === null) throw new Error("there is no run");
      return { issue, run };
    };
    const lost = await labelled();
    const claim = await stores.attempts.claim({
      phaseRunId: lost.run.phaseRows[0]?.id ?? "",
      owner: "runner-1",
      leaseMs: 50,
    });
    expect(claim).not.toBeNull();
    await until(
      async () =>
        (await sut.run(lost.run.id)).state.phases[0]?.infrastructureLosses ===
        1,
      "the attempt is lost",
    );

    const closed = await labelled();
    sut.github.closeIssue(repo, closed.issue, "ada");
    await until(
      async () => (await sut.run(closed.run.id)).state.status === "cancelled",
      "the run of the closed issue is cancelled",
    );
    const partitions = await sut.runtime.database.pool.query(
      "SELECT 1 FROM pg_inherits WHERE inhparent = 'workflow_logs'::regclass",
    );
    expect(partitions.rowCount).toBeGreaterThanOrEqual(3);
  });
});

describe("as a GitHub App", () => {
  async function started(label = "adw") {
    sut = await orchestration({ asApp: true });
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, label, "ada");
    await sut.quiet();
    const { id } = await sut.onlyRun();
    return { issue, id };
  }

  /** The check runs at the run's head once nothing is left to be told. */
  async function checks(id: string) {
    await sut.quiet();
    const sha = (await sut.run(id)).state.headSha ?? "";
    expect(sut.github.combinedStatus(repo, sha).statuses).toEqual([]);
    return sut.github
      .checkRuns(repo, sha)
      .map(({ name, status, conclusion }) => [name, status, conclusion]);
  }

  test("the run's head carries a check run in place of a commit status", async () => {
    const { id } = await started();
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    expect(await checks(id)).toEqual([["pullwright", "in_progress", null]]);
    await playAll(sut, id);
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the run completes",
    );
    expect(await checks(id)).toEqual([["pullwright", "completed", "success"]]);
  });

  test("which is neutral where nothing was tested", async () => {
    const { id } = await started("adw:adw_plan");
    await playAll(sut, id);
    expect(await checks(id)).toEqual([["pullwright", "completed", "neutral"]]);
  });

  test("which tells of a failure, and of what became of its retry", async () => {
    const { issue, id } = await started();
    await playToRefusedBuild(sut, id);
    const failed = ["pullwright", "completed", "failure"];
    expect(await checks(id)).toEqual([failed]);
    sut.github.comment(repo, issue, "/retry build", "ada");
    expect(await checks(id)).toEqual([failed, ["pullwright", "queued", null]]);
    sut.github.comment(repo, issue, "/cancel", "ada");
    expect(await checks(id)).toEqual([
      failed,
      ["pullwright", "completed", "cancelled"],
    ]);
  });
});
