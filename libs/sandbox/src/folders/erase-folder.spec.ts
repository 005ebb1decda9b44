import { execFileSync } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { asOrdinaryUser } from "@pullwright/testing";

import { eraseFolder } from "./erase-folder.js";

let folder: string;
beforeEach(async () => {
  folder = await asOrdinaryUser(() =>
    mkdtemp(join(tmpdir(), "pullwright-erase-")),
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A folder after a command had its way with it. */
async function left(code: string): Promise<string> {
  const path = join(folder, "left");
  await asOrdinaryUser(() => mkdir(path));
  execFileSync("/bin/sh", ["-c", code], {
    cwd: path,
    env: { PATH: "/usr/bin:/bin" },
    ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
  });
  return path;
}

test.each([
  ["that may be written", "mkdir -p a/b; echo x > a/b/c"],
  [
    "that nobody may write, as Go's module cache is",
    "mkdir -p go/pkg/mod; echo x > go/pkg/mod/file; chmod -R a-w go",
  ],
  ["that nobody may enter", "mkdir -p a/b; chmod 0 a/b a; chmod 0 ."],
])("a folder is erased %s", async (_, code) => {
  const path = await left(code);
  await asOrdinaryUser(() => eraseFolder(path));
  expect(await readdir(folder)).toEqual([]);
});

test("a folder is erased that is deeper than a path may be long", async () => {
  const path = await left("true");
  const deep = `${"d".repeat(250)}/`.repeat(12);
  await asOrdinaryUser(async () => {
    for (const part of [join(path, deep), join(folder, "lower", deep)])
      await mkdir(part, { recursive: true });
    await rename(join(folder, "lower"), join(path, deep, "lower"));
    await eraseFolder(path);
  });
  expect(await readdir(folder)).toEqual([]);
});

test("what a link in it points to stays as it is", async () => {
  const kept = join(folder, "kept");
  await asOrdinaryUser(async () => {
    await mkdir(kept);
    await writeFile(join(kept, "file"), "x", { mode: 0o400 });
  });
  const path = await left(
    "ln -s ../kept link; mkdir a; touch a/b; chmod 500 a",
  );
  await asOrdinaryUser(() => eraseFolder(path));
  expect(await readFile(join(kept, "file"), "utf8")).toBe("x");
});

test("a folder that is not there is no error", async () => {
  await eraseFolder(join(folder, "nothing"));
  expect(await readdir(folder)).toEqual([]);
});
