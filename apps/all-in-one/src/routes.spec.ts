import { fileURLToPath } from "node:url";
import { afterEach, expect, it, jest } from "@jest/globals";
import { startDirector } from "./__fixtures__/director.js";
import {
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

let sut: Installation;
afterEach(() => sut.stop());

it("the route's next agent goes on at once when the first has no quota, and its siblings ask that one alone", async () => {
  const claude = fileURLToPath(
    new URL("__fixtures__/refused-claude.mjs", import.meta.url),
  );
  sut = await startInstallation({
    environment: {
      AGENT_ROUTE: "claude,command",
      CLAUDE_CODE_PATH: claude,
      ANTHROPIC_API_KEY: "a-key-of-the-specs",
    },
  });
  const director = await startDirector("fix", "fix");
  const label = "adw:adw_build";
  const first = await sut.run({ body: director.line, label });
  expect(first).toMatchObject({ status: "completed", outcome: "pull_request" });
  const second = await sut.run({ body: director.line, label });
  expect(second).toMatchObject({ status: "completed" });
  const attemptsOf = async ({ adw_id }: { readonly adw_id: string }) =>
    JSON.stringify(
      (await sut.call(`/api/workflows/${adw_id}/conversations`)).body,
    );
  expect(await attemptsOf(first)).toContain('"agent":"claude"');
  expect(await attemptsOf(second)).not.toContain('"agent":"claude"');
  await director.close();
});

it("a prompt that no model could read is not sent to one: the run fails with the arithmetic", async () => {
  sut = await startInstallation({
    environment: { CONTEXT_WINDOWS: "command=1000" },
  });
  const director = await startDirector("fix");
  const run = await sut.run({ body: director.line });
  expect(run.status).toBe("failed");
  expect(run.errors.at(-1)).toMatchObject({
    class: "invalid_input",
    message: expect.stringMatching(
      /takes 500 = 1,000 − 250 for its work − 250 of the CLI's own.*\/retry /,
    ),
  });
  expect(director.turns).toBe(0);
  await director.close();
});
