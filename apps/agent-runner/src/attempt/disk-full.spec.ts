import { expect, it } from "@jest/globals";
import { tmpdir } from "node:os";
import { insistOnRoom, isFull } from "./disk-full.js";

const roomy = { bavail: 1_000, bsize: 4_096, files: 5_000, ffree: 2_000 };

it.each([
  ["is full without a megabyte", { bavail: 255 }, true],
  ["is not full with one", { bavail: 256 }, false],
  ["is full without inodes", { ffree: 3 }, true],
  ["is not full where inodes are not counted", { files: 0, ffree: 0 }, false],
])("a disk %s", (_name, other, expected) => {
  expect(isFull({ ...roomy, ...other })).toBe(expected);
});

it("the disk of these tests has room", async () => {
  await expect(insistOnRoom(tmpdir(), "It failed.")).resolves.toBeUndefined();
});

it("what failed on a disk without room is the disk's fault", async () => {
  // Its file system has no room for anybody.
  await expect(
    insistOnRoom("/proc", "The agent failed."),
  ).rejects.toMatchObject({ code: "DISK_FULL", message: "The agent failed." });
});
