import { afterEach, describe, expect, test } from "@jest/globals";
import { createGitHub } from "@pullwright/github";
import { until } from "@pullwright/testing";
import {
  orchestration,
  quickTiming,
  repo,
  type Orchestration,
  type OrchestrationOptions,
} from "./__fixtures__/orchestration.js";
import { playPhase } from "./__fixtures__/scripted-runner.js";

// Its pull request names the issue without closing it, so that nothing but the merge itself can end the run.

let sut: Orchestration;
afterEach(() => sut.close());

const comparing: OrchestrationOptions = {
  timing: { reconciler: { ...quickTiming.reconciler, comparisonEveryMs: 100 } },
};

/** A run whose draft is open and whose tests are still to be run. */
async function aLiveRun(options: OrchestrationOptions = {}) {
  sut = await orchestration(options);
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  const { id } = await sut.onlyRun();
  for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
  await until(
    async () => (await sut.run(id)).pullRequestNumber !== null,
    "the draft is open",
  );
  await sut.quiet();
  const number = (await sut.run(id)).pullRequestNumber ?? 0;
  return { issue, id, number };
}

/** Somebody takes what is there, without the line that closes the issue. */
async function merge(number: number): Promise<void> {
  const { pulls } = createGitHub(sut.runtime.config.github);
  const pull = await pulls.get(sut.repository, number);
  await pulls.update(sut.repository, number, { body: "A part of it." });
  await pulls.markReady(sut.repository, pull);
  await sut.github.mergePull(repo, number, "ada", "squash");
}

const merges = async () => {
  const { rows } = await sut.runtime.database.pool.query<{ number: number }>(
    "SELECT pull_request_number AS number FROM workflow_runs WHERE pull_request_merged_at IS NOT NULL",
  );
  return rows.map(({ number }) => number);
};

const cancelled = (id: string) =>
  until(
    async () => (await sut.run(id)).state.status === "cancelled",
    "the run is cancelled",
  );

describe("a live run whose pull request is merged by hand", () => {
  test("is cancelled by the webhook, and its comment says why, also while its issue stays open", async () => {
    const { issue, id, number } = await aLiveRun();
    await merge(number);
    await sut.quiet();
    expect(sut.github.getIssue(repo, issue).state).toBe("open");
    expect((await sut.run(id)).state.status).toBe("cancelled");
    expect(await merges()).toEqual([number]);
    expect(sut.ourComments(issue)[0]?.body).toContain(
      "Cancelled because its pull request was merged while the run was live.",
    );
  });

  test("is cancelled by the comparison where the webhook was lost", async () => {
    const { id, number } = await aLiveRun(comparing);
    sut.github.webhooks.control({ kind: "drop" });
    await merge(number);
    await cancelled(id);
    await until(
      async () => (await merges()).includes(number),
      "the merge is noted with its costs",
    );
  });

  test("goes on where the policy keeps runs of closed issues", async () => {
    const { id, number } = await aLiveRun(comparing);
    await sut.runtime.stores.repositories.change(sut.repository.id, {
      policy: { cancel_on_close: false },
    });
    await merge(number);
    await until(
      async () => (await merges()).includes(number),
      "the merge is noted with its costs",
    );
    await sut.quiet();
    expect((await sut.run(id)).state.status).toBe("running");
  });

  test("before it was retried goes on: what came after the merge is shown in another one", async () => {
    const { issue, id, number } = await aLiveRun(comparing);
    await merge(number);
    await cancelled(id);
    sut.github.comment(repo, issue, "/retry build", "ada");
    await until(
      async () => (await sut.run(id)).state.status !== "cancelled",
      "the run is live again",
    );
    const about = sut.about(0, "closed", {
      issue: undefined,
      pull_request: { number },
    });
    await sut.deliver("pull_request", about);
    await sut.quiet();
    // Several comparisons later.
    const compared = sut.github.requests().length;
    await until(
      async () =>
        (await sut.run(id)).state.status === "cancelled" ||
        sut.github.requests().length > compared + 5,
      "GitHub was compared again",
    );
    expect((await sut.run(id)).state.status).not.toBe("cancelled");
  });

  test("is cancelled as well where no issue asked for it", async () => {
    const { id, number } = await aLiveRun(comparing);
    // As a run that the API started from a text.
    await sut.runtime.database.pool.query(
      "UPDATE workflow_runs SET issue_number = NULL WHERE id = $1",
      [id],
    );
    sut.github.webhooks.control({ kind: "drop" });
    await merge(number);
    await cancelled(id);
  });
});
