import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { shippedWorkflows } from "@pullwright/domain";
import { setTimeout as sleep } from "node:timers/promises";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import { playPhase } from "./__fixtures__/scripted-runner.js";

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration();
});
afterAll(() => sut.close());

const say = async (issue: number, body: string) => {
  sut.github.comment(repo, issue, body, "ada");
  await sut.quiet();
};
/** Says it now; its webhook and a poll come when they are let through. */
const sayUnheard = async (issue: number, body: string) => {
  sut.github.webhooks.control({ kind: "hold", times: 1 });
  const { id } = sut.github.comment(repo, issue, body, "ada");
  await sut.github.settled();
  return async () => {
    sut.github.webhooks.release();
    await sut.quiet();
    const comment = sut.about(issue, "created", { comment: { id } });
    await sut.deliver("issue_comment", comment, "poll");
    await sut.quiet();
  };
};
const newestOf = async (issue: number) => {
  const run = await sut.runtime.stores.runs.latestOfIssue(
    sut.repository.id,
    issue,
  );
  if (run === null) throw new Error("the issue has no run");
  return run;
};
const createdLater = (id: string, by: string) =>
  sut.runtime.database.pool.query(
    "UPDATE workflow_runs SET created_at = created_at + $2::interval WHERE id = $1",
    [id, by],
  );
const answersTo = (issue: number) =>
  sut
    .ourComments(issue)
    .map(({ body }) => body)
    .filter((body) => body.includes("pullwright:reply:"));

test.each([
  ["/cancel", null],
  ["/continue +5", "budget"],
  ["/retry", "invalid_input"],
] as const)(
  "%s does nothing to a run that was asked for after it, and is answered once; said again it does",
  async (command, failureClass) => {
    const issue = sut.issue();
    await say(issue, "/adw");
    await say(issue, "/cancel");
    const comes = await sayUnheard(issue, command);
    await sleep(1_100); // GitHub's times are whole seconds.
    await say(issue, "/adw --budget 1");
    const { id, adwId } = await newestOf(issue);
    if (failureClass !== null)
      await playPhase(sut, id, {
        result: { outcome: "failed", failureClass, message: "No." },
      });
    await sut.quiet();
    const { version } = await sut.run(id);
    await comes();
    expect((await sut.run(id)).version).toBe(version);
    expect(answersTo(issue)).toEqual([
      expect.stringContaining(`run \`${adwId}\` was asked for after`),
    ]);
    await say(issue, command);
    expect((await sut.run(id)).version).toBeGreaterThan(version);
    expect(answersTo(issue)).toHaveLength(1);
  },
);

test("a cancel reaches the run of a label that was put on before it, and heard of as late", async () => {
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  const { id } = await newestOf(issue);
  const comes = await sayUnheard(issue, "/cancel");
  await createdLater(id, "10 minutes");
  await comes();
  expect((await sut.run(id)).state.status).toBe("cancelled");
  expect(answersTo(issue)).toEqual([]);
});

test.each([
  ["30 seconds", "cancelled"],
  ["2 minutes", "pending"],
])(
  "a run of the API is known by Postgres's clock: by a cancel from %s before, it is %s",
  async (before, status) => {
    const issue = sut.issue();
    const made = await sut.runtime.stores.creation.create({
      repository: sut.repository,
      baseBranch: "main",
      workflow: shippedWorkflows[0],
      limits: { maxActiveMs: 3_600_000, maxUsd: null, maxFixRounds: 3 },
      issueNumber: issue,
      snapshot: { title: "T", body: "", labels: [], author: "", comments: [] },
      cause: `api:${before}`,
      triggeredBy: "api:ada",
      triggerSource: "api",
      agent: null,
      model: null,
    });
    if (made.kind !== "created") throw new Error(made.kind);
    await createdLater(made.run.id, before);
    await say(issue, "/cancel");
    expect((await sut.run(made.run.id)).state.status).toBe(status);
  },
);
