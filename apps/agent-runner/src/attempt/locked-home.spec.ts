import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { startTypescript } from "@pullwright/testing";

const NOBODY = { uid: 65534, gid: 65534 };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "locked-home-"));
  await chmod(root, 0o777); // For an ordinary user as well.
});
afterAll(() => rm(root, { recursive: true, force: true }));

it("what a turn made read-only in its home stops neither the attempt's next turn nor its end", async () => {
  const child = startTypescript(
    new URL("../__fixtures__/two-turns.ts", import.meta.url),
    [root],
    {
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
      ...(process.getuid?.() === 0 ? NOBODY : {}),
    },
  );
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await once(child, "close");
  expect(said).toBe(`${JSON.stringify([true, true, null, null])}\n`);
  for (const holder of await readdir(join(root, "work/attempts")))
    expect(await readdir(join(root, "work/attempts", holder))).toEqual([]);
});
