import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { processStartTime } from "@pullwright/sandbox";
import { AttemptFolders } from "./attempt-folders.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "attempt-folders-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const attempts = () => readdir(join(root, "attempts"));

describe("the folders of attempts", () => {
  it("are removed when their attempt is over, and kept while it runs", async () => {
    const sut = new AttemptFolders(root);
    for (const id of ["live", "over"])
      await mkdir(join(sut.folderOf(id), "home"), { recursive: true });
    expect(await sut.reap(new Set(["live"]))).toBe(1);
    expect(await readdir(join(sut.folderOf("live"), ".."))).toEqual(["live"]);
  });

  it("are removed when their process is dead, even if its pid was given to another", async () => {
    const sut = new AttemptFolders(root);
    const parent = `${process.ppid}-${processStartTime(process.ppid) ?? 0}`;
    for (const holder of [`${process.ppid}-1`, "0-1", parent])
      await mkdir(join(root, "attempts", holder, "some-attempt"), {
        recursive: true,
      });
    expect(await sut.reap(new Set())).toBe(2);
    expect(await attempts()).toEqual([parent]);
  });

  it("need not be there", async () => {
    expect(await new AttemptFolders(root).reap(new Set())).toBe(0);
  });
});
