import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
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

const query = (text: string) =>
  sut.runtime.database.pool.query<Record<string, unknown>>(text);

/** A run whose last phase this version has never heard of, as a newer orchestrator beside us leaves it. */
async function runOfNewer(): Promise<number> {
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  await query(
    `UPDATE phase_runs SET phase = 'polish', position = position + 100000
      WHERE position = (SELECT max(position) FROM phase_runs)`,
  );
  return issue;
}

const becomeKnown = () =>
  query(
    `UPDATE phase_runs SET phase = 'publish', position = position - 100000 WHERE phase = 'polish'`,
  );

test("a command to a run of a newer version is kept for it, and nobody is told otherwise", async () => {
  const issue = await runOfNewer();
  const before = sut.ourComments(issue);
  sut.github.comment(repo, issue, "/cancel", "ada");
  await until(async () => {
    const { rows } = await query(
      "SELECT failures FROM deliveries WHERE handled_at IS NULL AND failures > 5",
    );
    return rows.length === 1;
  }, "the command was put back more often than anything else is");
  expect(sut.ourComments(issue)).toEqual(before);
  expect((await sut.onlyRun()).state.status).not.toBe("cancelled");

  await becomeKnown();
  await until(
    async () => (await sut.onlyRun()).state.status === "cancelled",
    "the newer version cancels the run",
  );
});

test("effects of a run of a newer version stay for it, and count as no failure", async () => {
  const issue = await runOfNewer();
  const before = sut.ourComments(issue);
  const writes = () =>
    sut.github.requests().filter(({ method }) => method !== "GET").length;
  const written = writes();
  await query(
    "UPDATE effects SET desired_rev = desired_rev + 1, status = 'intent', next_at = now(), rung_at = NULL",
  );
  await until(async () => {
    const { rows } = await query(
      "SELECT 1 FROM effects WHERE last_error IS NULL OR status <> 'intent'",
    );
    return rows.length === 0;
  }, "every effect was looked at and left");
  const { rows } = await query(
    "SELECT DISTINCT failures, desired_rev > applied_rev AS is_due FROM effects",
  );
  expect(rows).toEqual([{ failures: 0, is_due: true }]);
  expect(writes()).toBe(written);
  expect(sut.ourComments(issue)).toEqual(before);

  await becomeKnown();
  await query("UPDATE effects SET next_at = now(), rung_at = NULL");
  await sut.quiet();
});

test("a kind of effect that only a newer version knows stays for it", async () => {
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  await query(
    `UPDATE effects SET kind = 'skywriting', desired_rev = desired_rev + 1, status = 'intent', next_at = now(), rung_at = NULL
      WHERE kind = 'labels'`,
  );
  const left = async () =>
    (
      await query(
        "SELECT failures, status FROM effects WHERE kind = 'skywriting' AND last_error IS NOT NULL",
      )
    ).rows;
  await until(
    async () => (await left())[0]?.["status"] === "intent",
    "the effect was left",
  );
  expect(await left()).toEqual([{ failures: 0, status: "intent" }]);
});

test.each([
  ["of another version", "delivery.received", 9],
  ["of another name", "delivery.unwrapped", 1],
])(
  "a doorbell %s is let go, and what it rang for is handled all the same",
  async (_what, name, v) => {
    const { queues, stores } = sut.runtime;
    const payload = JSON.stringify(sut.about(sut.issue(), "pinned"));
    await sut.quiet(); // The issue's own webhook is no part of this.
    const { id } = await stores.deliveries.record({
      source: "webhook",
      guid: `newer-${name}`,
      event: "issues",
      action: "pinned",
      repositoryId: sut.repository.githubId,
      repositoryFullName: repo,
      payload,
    });
    const queue = queues
      .bullBoardQueues()
      .find((one) => one.name === "pipeline-events");
    await queue?.add(name, { v, deliveryId: id }, { jobId: `newer_${id}` });
    await until(
      async () => (await queue?.getJob(`newer_${id}`)) === undefined,
      "the doorbell is gone",
    );
    const open = async () =>
      (await query("SELECT id FROM deliveries WHERE handled_at IS NULL")).rows;
    expect(await open()).toEqual([{ id }]);
    // As when the half minute is over after which a ring that nobody heard is made again.
    await query("UPDATE deliveries SET rung_at = NULL");
    await until(
      async () => (await open()).length === 0,
      "the delivery is handled",
    );
  },
);
