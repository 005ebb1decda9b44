import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import { playAll, playPhase } from "./__fixtures__/scripted-runner.js";
import { runMarker } from "./rendering/markers.js";

// The token of an installation, such as that of GitHub Actions, may not ask who it belongs to.
let sut: Orchestration;
beforeEach(async () => {
  sut = await orchestration({ started: false });
  sut.github.faults.add({
    kind: "status",
    status: 403,
    match: { path: /\/user$/ },
  });
  sut.orchestrators[0]?.start();
});
afterEach(() => sut.close());

const labelled = () => {
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  return issue;
};

/** Somebody copies the marker of our comment into one of their own. */
async function copied(issue: number) {
  const { adwId } = await sut.onlyRun();
  const body = `Mine.\n${runMarker(adwId)}`;
  const { id } = sut.github.comment(repo, issue, body, "trudy");
  return { body: () => bodyOf(issue, id), original: body };
}
const bodyOf = (issue: number, id: number) =>
  sut.github.listComments(repo, issue).find((one) => one.id === id)?.body;
const ours = (issue: number) =>
  sut.github
    .listComments(repo, issue)
    .filter(({ user }) => user.login === "pullwright-bot");

test("a run goes to its end, in one comment, and commands are answered", async () => {
  const { checks } = await sut.runtime.health.ready();
  expect(checks["github"]).toMatchObject({ status: "ok" });
  const issue = labelled();
  await sut.quiet();
  const { id } = await sut.onlyRun();
  sut.github.comment(repo, issue, "/status", "ada");
  await playAll(sut, id);
  await sut.quiet();
  expect((await sut.run(id)).state.status).toBe("completed");
  expect(ours(issue)).toHaveLength(2); // The run's own, and the answer.
  sut.github.closeIssue(repo, issue, "ada");
  await sut.quiet();
  expect((await sut.verdicts()).map(({ verdict }) => verdict)).not.toContain(
    "failed",
  );
});

test("a comment whose creation had no answer is found again once we know ourselves by another", async () => {
  labelled();
  await sut.quiet();
  await playPhase(sut, (await sut.onlyRun()).id);
  await sut.quiet();
  sut.github.faults.add({
    kind: "reset_after_handling",
    match: { method: "POST", path: /\/comments$/ },
    times: 1,
  });
  const other = labelled();
  await sut.quiet();
  expect(ours(other)).toHaveLength(1);
});

test("a stranger's comment with our marker is never taken for ours, whether we know ourselves yet or not", async () => {
  sut.github.faults.add({
    kind: "reset",
    match: { method: "POST", path: /\/comments$/ },
    times: 3,
  });
  const issue = labelled();
  await sut.github.settled();
  await until(async () => (await sut.runs()).length === 1, "there is a run");
  const first = await copied(issue);
  await sut.quiet();
  const [comment] = ours(issue);
  expect(comment).toBeDefined();
  sut.github.deleteComment(repo, comment?.id ?? 0, "acme");
  const second = await copied(issue);
  await playPhase(sut, (await sut.onlyRun()).id);
  await sut.quiet();
  expect(first.body()).toBe(first.original);
  expect(second.body()).toBe(second.original);
  expect(ours(issue)).toHaveLength(1);
  expect(ours(issue)[0]?.id).not.toBe(comment?.id);
});
