import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { startDirector } from "./__fixtures__/director.js";
import {
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

let sut: Installation;
beforeAll(async () => {
  sut = await startInstallation();
});
afterAll(() => sut.stop());

const NOTE = "Division is wrong: it is a sum.";

/** The prompts of a phase as its agents got them, one an attempt, in the order of the executions. */
async function promptsOf(adwId: string, phase: string): Promise<string[]> {
  const { body } = await sut.call(`/api/workflows/${adwId}/conversations`);
  const { items } = body as {
    items: { id: string; phase: string; execution: number }[];
  };
  const conversations = items
    .filter((conversation) => conversation.phase === phase)
    .sort((a, b) => a.execution - b.execution);
  return Promise.all(
    conversations.map(async ({ id }) => {
      const answer = await sut.call(`/api/conversations/${id}/messages`);
      const messages = answer.body as {
        items: { role: string; content: string }[];
      };
      return messages.items
        .filter(({ role }) => role === "user")
        .map(({ content }) => content)
        .join("\n");
    }),
  );
}

it("gives a retried phase the change that failed, the end of its log and the person's note", async () => {
  let behaviour = "give_up_halfway";
  const director = await startDirector(() => Promise.resolve(behaviour));
  const failed = await sut.run({ body: director.line });
  expect(failed).toMatchObject({ status: "failed" });
  behaviour = "fix";
  const retry = await sut.call(`/api/workflows/${failed.adw_id}/retry`, {
    method: "POST",
    body: { phase: "build", note: NOTE },
  });
  expect(retry.status).toBe(200);
  expect(
    await sut.runOf(failed.issue_number, ["completed", "failed"]),
  ).toMatchObject({ status: "completed", outcome: "pull_request" });

  const prompts = await promptsOf(failed.adw_id, "build");
  expect(prompts).toHaveLength(director.turns);
  const retried = prompts.pop();
  for (const told of [NOTE, "a / b", "division lost its way"])
    expect(prompts.join("\n")).not.toContain(told);
  expect(retried).toContain("FAILURE OF AN EARLIER TRY");
  expect(retried).toContain("This leads nowhere.");
  expect(retried).toContain("division lost its way");
  expect(retried).toContain("-export const sum = (a, b) => a - b;");
  expect(retried).toContain("+export const sum = (a, b) => a / b;");
  expect(retried).toContain(NOTE);
  await director.close();
});
