import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { createSilentLogger } from "@pullwright/platform";
import { AttemptFolders } from "./attempt-folders.js";
import { reapOnce } from "./reaper.js";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "reaper-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it("what cannot be removed of one kind keeps nothing of another", async () => {
  const folders = new AttemptFolders(root);
  await mkdir(folders.folderOf("over"), { recursive: true });
  await reapOnce({
    workspaces: { reap: () => Promise.reject(new Error("a checkout resists")) },
    folders,
    liveAttemptIds: () => new Set(),
    logger: createSilentLogger(),
  });
  expect(await readdir(join(folders.folderOf("over"), ".."))).toEqual([]);
});
