import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readSampleIssue, readSampleRepository } from "./sample-repository.js";
import { scriptedWork } from "./scripted-work.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sample-"));
  await cp(
    fileURLToPath(new URL("../../sample-repository", import.meta.url)),
    folder,
    { recursive: true },
  );
});
afterEach(() => rm(folder, { recursive: true }));

function npmTest(): Promise<{ passed: boolean; output: string }> {
  // Jest's own variables would make the inner test runner report to Jest's.
  const { PATH, HOME } = process.env;
  const options = { cwd: folder, env: { PATH, HOME } };
  return new Promise((resolve) =>
    execFile("npm", ["test"], options, (error, stdout) =>
      resolve({ passed: error === null, output: stdout }),
    ),
  );
}

test("its test shows the bug that the issue describes, and nothing else fails", async () => {
  const { passed, output } = await npmTest();
  expect(passed).toBe(false);
  expect(output).toContain("✖ the shares add up to the bill");
  expect(output).toContain("ℹ fail 1\n");
  expect((await readSampleIssue()).body).toContain(
    "the shares add up to the bill",
  );
});

test("the scripted agent's change mends it", async () => {
  const [steps = []] = scriptedWork.phases["build"] ?? [];
  for (const step of steps) {
    if (!("edit" in step)) continue;
    const path = join(folder, step.edit);
    const before = await readFile(path, "utf8");
    expect(before.split(step.find)).toHaveLength(2);
    await writeFile(path, before.replace(step.find, step.replace));
  }
  const { passed, output } = await npmTest();
  expect(output).toContain("ℹ fail 0\n");
  expect(passed).toBe(true);
});

test("it is read whole and needs no dependency", async () => {
  const files = await readSampleRepository();
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([
      "README.md",
      "package.json",
      "src/split-bill.js",
      "test/split-bill.test.js",
    ]),
  );
  expect(files["package.json"]).not.toMatch(/ependencies/);
});
