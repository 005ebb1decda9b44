import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Bench } from "../__fixtures__/bench.js";

let tools: string;
let bench: Bench;
beforeEach(async () => {
  tools = await mkdtemp(join(tmpdir(), "pullwright-slow-git-"));
  await chmod(tools, 0o755);
  const git = execFileSync("/bin/sh", ["-c", "command -v git"], {
    encoding: "utf8",
  }).trim();
  // As `git init` does on a busy machine: a HEAD is there some time before all that belongs to it.
  const slow = `#!/bin/sh
for word; do
  if [ "$word" = init ]; then echo "ref: refs/heads/none" > "$GIT_DIR/HEAD"; sleep 0.5; fi
done
exec ${git} "$@"
`;
  await writeFile(join(tools, "git"), slow, { mode: 0o755 });
  bench = await Bench.open(undefined, {
    searchPath: `${tools}:/usr/local/bin:/usr/bin:/bin`,
  });
});
afterEach(async () => {
  await bench.close();
  await rm(tools, { recursive: true, force: true });
});

test("a mirror that is being made is not yet used", async () => {
  const attempts = [0, 150, 300, 450, 600].map(async (ms) => {
    await sleep(ms);
    return bench.prepare({ attemptId: `attempt-${ms}` });
  });
  const tip = bench.server.tip("demo", "main");
  for (const { headSha } of await Promise.all(attempts))
    expect(headSha).toBe(tip);
});

test("a mirror whose maker was killed half-way is made again", async () => {
  const mirrors = join(bench.workspaces.root, "mirrors");
  await mkdir(join(mirrors, "4711.git.new/refs"), { recursive: true });
  await writeFile(join(mirrors, "4711.git.new/HEAD"), "ref: refs/he");
  await mkdir(join(mirrors, "4711.git"));
  const { headSha } = await bench.prepare();
  expect(headSha).toBe(bench.server.tip("demo", "main"));
  expect(await readdir(mirrors)).not.toContain("4711.git.new");
});
