import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import { playAll } from "./__fixtures__/scripted-runner.js";

// Drafts are GraphQL's alone on GitHub; servers that resemble it may have no way at all to end that state.
let sut: Orchestration;
beforeEach(async () => {
  sut = await orchestration({ isLookalike: true });
});
afterEach(() => sut.close());

/** A run whose tests are green, on a server that answers so to its wish for a pull request that is ready. */
async function greenRun(
  ...faults: Parameters<typeof sut.github.faults.add>[0][]
) {
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  const { id } = await sut.onlyRun();
  for (const fault of faults) sut.github.faults.add(fault);
  await playAll(sut, id);
  return { issue, id };
}

async function completed(id: string): Promise<void> {
  await until(
    async () => (await sut.run(id)).state.status === "completed",
    "the run completes",
    20_000,
  );
  await sut.quiet();
}

const graphql = { method: "POST", path: /graphql/ };
const refused = (status: number, body?: object) =>
  ({ kind: "status", status, match: graphql, ...(body && { body }) }) as const;

describe("a green run", () => {
  test.each([
    [
      "knows no such mutation",
      200,
      {
        data: null,
        errors: [
          {
            message:
              "Field 'markPullRequestReadyForReview' doesn't exist on type 'Mutation'",
          },
        ],
      },
    ],
    ["implements nothing", 200, { errors: [{ message: "not implemented" }] }],
    ["is missing, as REST's way is", 404, undefined],
  ])(
    "completes where GraphQL %s, and says that the pull request stays a draft",
    async (_what, status, body) => {
      const { issue, id } = await greenRun(refused(status, body));
      await completed(id);
      const [pull] = sut.github.listPulls(repo);
      expect(pull).toMatchObject({ draft: true });
      const [comment] = sut.ourComments(issue);
      expect(comment?.body).toContain("completed");
      expect(comment?.body).toContain("mark it ready yourself");
      const log = await sut.runtime.stores.logs.page(id, {
        after: 0,
        limit: 100,
      });
      expect(
        log.filter(({ message }) => message.includes("mark it ready yourself")),
      ).toHaveLength(1);
    },
  );

  test("says nothing of drafts where it could be marked ready", async () => {
    const { issue, id } = await greenRun();
    await completed(id);
    expect(sut.github.listPulls(repo)).toMatchObject([{ draft: false }]);
    expect(sut.ourComments(issue)[0]?.body).not.toContain("draft");
  });

  test("becomes ready after a hiccup of GraphQL", async () => {
    const hiccup = {
      errors: [{ message: "Something went wrong while executing your query." }],
    };
    const { id } = await greenRun({ ...refused(200, hiccup), times: 2 });
    await completed(id);
    expect(sut.github.listPulls(repo)).toMatchObject([{ draft: false }]);
  });

  test("waits for a person, not for ever as a draft, where a permission is missing", async () => {
    const { id } = await greenRun({ ...refused(403), times: 1 });
    await until(
      async () => (await sut.run(id)).state.waiting?.reason === "person",
      "the run waits for a person",
    );
    expect((await sut.run(id)).state.waiting?.message).toContain(
      "POST /graphql",
    );
  });
});
