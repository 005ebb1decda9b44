import { expect, test } from "@jest/globals";
import type { Logger } from "@pullwright/platform";
import { tellLacks } from "./github-lacks.js";

test("what is missing is said once for each repository, with the refusal", () => {
  const warnings: unknown[][] = [];
  const warn = (...line: unknown[]) => void warnings.push(line);
  const tell = tellLacks({ warn } as unknown as Logger); // All that is used of it.
  const error = new Error("GET /x was answered 403");
  for (const [name, what] of [
    ["shop", "which issues block others"],
    ["shop", "which issues block others"],
    ["till", "which issues block others"],
    ["shop", "its events"],
  ] as const)
    tell({ what, repository: { owner: "acme", name }, error });
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toEqual([
    { repository: "acme/shop", reason: error.message },
    expect.stringContaining("which issues block others"),
  ]);
});
