import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { OUTPUT_FILE_LIMIT_BYTES, readOutputFile } from "./output-file.js";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "output-file-"));
  path = join(folder, "output.json");
});
afterEach(() => rm(folder, { recursive: true }));

describe("the file an agent may leave", () => {
  it("is read", async () => {
    await writeFile(
      path,
      '{"summary":"Done.","classification":"bug","plan":"# P"}',
    );
    expect(await readOutputFile(path)).toEqual({
      state: "output",
      output: { summary: "Done.", classification: "bug", plan: "# P" },
    });
  });

  it("may be missing or empty", async () => {
    expect(await readOutputFile(path)).toEqual({ state: "absent" });
    await writeFile(path, "\n");
    expect(await readOutputFile(path)).toEqual({ state: "absent" });
  });

  it("is not read through a link, not even to a good file", async () => {
    const elsewhere = join(folder, "secret.json");
    await writeFile(elsewhere, '{"summary":"secret"}');
    await symlink(elsewhere, path);
    expect(await readOutputFile(path)).toEqual({
      state: "invalid",
      reason: "it is a symbolic link",
    });
  });

  it("is not waited for when it is a pipe, and no folder", async () => {
    execFileSync("mkfifo", [path]);
    expect(await readOutputFile(path)).toEqual({
      state: "invalid",
      reason: "it is not a regular file",
    });
    await rm(path);
    await mkdir(path);
    expect(await readOutputFile(path)).toEqual({
      state: "invalid",
      reason: "it is not a regular file",
    });
  });

  it("may have 1 MB and no byte more", async () => {
    const shell = '{"summary":""}'.length;
    const ofSize = (size: number) =>
      `{"summary":"${"x".repeat(size - shell)}"}`;
    await writeFile(path, ofSize(OUTPUT_FILE_LIMIT_BYTES));
    expect((await readOutputFile(path)).state).toBe("output");
    await writeFile(path, ofSize(OUTPUT_FILE_LIMIT_BYTES + 1));
    expect(await readOutputFile(path)).toEqual({
      state: "invalid",
      reason: "it has 1048577 bytes, more than 1 MB",
    });
  });

  it.each([
    ["{", "it is not JSON"],
    ["[]", "the file: "],
    ['{"classification":"epic"}', "classification: "],
    ['{"summary":1}', "summary: "],
  ])("is refused with a reason: %s", async (content, reason) => {
    await writeFile(path, content);
    expect(await readOutputFile(path)).toMatchObject({
      state: "invalid",
      reason: expect.stringContaining(reason),
    });
  });

  it("is freed of what cannot be stored", async () => {
    await writeFile(path, String.raw`{"summary":"a\u0000b\ud800"}`);
    expect(await readOutputFile(path)).toMatchObject({
      output: { summary: "a\uFFFDb\uFFFD" },
    });
  });
});
