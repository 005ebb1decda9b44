import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Git } from "./git.js";
import { requireGit } from "./require-git.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pullwright-git-version-"));
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function gitThatSays(text: string): Promise<void> {
  const program = `#!/bin/sh\necho "${text}"\n`;
  await writeFile(join(folder, "git"), program, { mode: 0o755 });
  const git = new Git({
    home: folder,
    searchPath: `${folder}:/usr/bin:/bin`,
    identity: undefined,
    network: {},
  });
  await requireGit(git, folder);
}

test.each([
  "git version 2.38.0",
  "git version 2.39.5 (Apple Git-154)",
  "git version 3.0.1",
])("%s will do", async (version) => {
  await expect(gitThatSays(version)).resolves.toBeUndefined();
});

test.each(["git version 2.37.9", "git version 1.99.0", "no version"])(
  "%s is too old",
  async (version) => {
    await expect(gitThatSays(version)).rejects.toMatchObject({
      code: "GIT_TOO_OLD",
      message: `${version} is too old.`,
    });
  },
);
