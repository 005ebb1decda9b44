import { fileURLToPath } from "node:url";
import { afterEach, expect, it, jest } from "@jest/globals";
import {
  REPOSITORY,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

let sut: Installation;
afterEach(() => sut.stop());

it("a program named by its path alone works in the checkout on the issue whose number it gets", async () => {
  sut = await startInstallation({
    environment: {
      AGENT_COMMAND: fileURLToPath(
        new URL("__fixtures__/agent.sh", import.meta.url),
      ),
    },
  });
  const run = await sut.run({ body: "2 + 3 gives -1." });
  expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
  expect(sut.github.listPulls(REPOSITORY)).toMatchObject([{ draft: false }]);
  const read = (path: string) =>
    sut.github.readFile(REPOSITORY, run.branch_name, path);
  expect(await read("sum.mjs")).toContain("a + b");
  expect(await read("issue.txt")).toBe(`${run.issue_number}\n`);
});
