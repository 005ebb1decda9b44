import { expect, test } from "@jest/globals";

import { addedText } from "./added-text.js";

const LONG = 600 * 1024;
const header = (path: string) =>
  `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n`;

async function filesOf(patch: string) {
  const files = [];
  for await (const file of addedText(Buffer.from(patch))) files.push(file);
  return files;
}

test("each file has its added lines and no others, also those that look like a header", async () => {
  const patch = [
    `${header("one.txt")}@@ -1,2 +1,3 @@ not this\n-gone\n--- a/gone\n+first\n+++ b/other\n`,
    `@@ -9 +9 @@\n-gone\n+last\n\\ No newline at end of file\n`,
    `${header("two words.txt\t")}@@ -0,0 +1 @@\n+only`,
  ];
  expect(await filesOf(patch.join(""))).toEqual([
    ["one.txt", "first\n++ b/other\nlast"],
    ["two words.txt", "only"],
  ]);
});

test.each([
  ["short", Array.from({ length: LONG / 4 }, (_, at) => String(at))],
  ["empty", Array.from({ length: LONG }, () => "")],
  ["long", ["ä".repeat(LONG), "b", "c".repeat(LONG)]],
])("nothing of many %s lines is lost", async (_, lines) => {
  const removed = `-${"r".repeat(LONG)}\n-\n`;
  const added = lines.map((line) => `+${line}\n`).join("");
  const patch = `${header("a")}@@ -1 +1 @@\n${removed}${added}${header("b")}@@ -1 +1 @@\n${removed}+b\n`;
  const [a, b] = await filesOf(patch);
  expect([a?.[0], b]).toEqual(["a", ["b", "b"]]);
  expect(a?.[1] === lines.join("\n")).toBe(true);
});
