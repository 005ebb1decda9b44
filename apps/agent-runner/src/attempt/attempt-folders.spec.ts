import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { processStartTime } from "@pullwright/sandbox";
import { asOrdinaryUser } from "@pullwright/testing";
import { AttemptFolders } from "./attempt-folders.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "attempt-folders-"));
  await chmod(root, 0o777); // For an ordinary user as well.
});
afterEach(() => rm(root, { recursive: true, force: true }));

const attempts = () => readdir(join(root, "attempts"));

/** The folder of an attempt of ours whose tests left a module cache of Go, which is read-only. */
async function withModuleCache(
  sut: AttemptFolders,
  id: string,
): Promise<string> {
  const cache = join(sut.folderOf(id), "home-base/go/pkg/mod");
  await mkdir(join(cache, "module@v1"), { recursive: true });
  await chmod(join(cache, "module@v1"), 0o555);
  await chmod(cache, 0o555);
  return cache;
}

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

  it("are removed with what a command made read-only, also by an ordinary user", async () => {
    await asOrdinaryUser(async () => {
      const sut = new AttemptFolders(root);
      for (const id of ["one", "two"]) await withModuleCache(sut, id);
      await sut.remove("one");
      expect(await readdir(join(sut.folderOf("two"), ".."))).toEqual(["two"]);
      expect(await sut.reap(new Set())).toBe(1);
      expect(await readdir(join(sut.folderOf("two"), ".."))).toEqual([]);
    });
  });

  it("that resist are told of, and keep no other from being removed", () =>
    asOrdinaryUser(async () => {
      const sut = new AttemptFolders(root);
      const mine = join(sut.folderOf("a"), "..");
      await mkdir(sut.folderOf("a"), { recursive: true });
      await mkdir(join(root, "attempts", "0-1", "b"), { recursive: true });
      await chmod(mine, 0o555); // Nothing can be taken out of it.
      const troubles: string[] = [];
      const onTrouble = (folder: string) => troubles.push(folder);
      expect(await sut.reap(new Set(), onTrouble)).toBe(1);
      expect(troubles).toEqual([sut.folderOf("a")]);
      expect(await attempts()).toEqual([basename(mine)]);
      await chmod(mine, 0o755);
    }));
});
