import { expect, test } from "@jest/globals";
import { defaultProtectedPaths } from "../policy.js";
import { matchesGlob } from "./glob.js";

test.each([
  ["a/b.ts", "a/*.ts", true],
  ["a/b/c.ts", "a/*.ts", false],
  ["a/b/c.ts", "a/**", true],
  ["a", "a/**", false],
  ["CODEOWNERS", "**/CODEOWNERS", true],
  ["docs/CodeOwners", "**/CODEOWNERS", true],
  ["notCODEOWNERS", "**/CODEOWNERS", false],
  ["x/y/z/AGENTS.md", "**/AGENTS.md", true],
  ["a.b.c", "*.b.*", true],
  ["ab", "a*b*b", false],
])("%s against %s is %s", (path, glob, expected) => {
  expect(matchesGlob(path, glob)).toBe(expected);
});

test("no glob takes exponential time", () => {
  const startedAt = performance.now();
  matchesGlob("a".repeat(10_000), `${"*a".repeat(100)}b`);
  matchesGlob("a/".repeat(30), `${"**/a/".repeat(6)}b`);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test.each([
  ".github/workflows/ci.yml",
  ".GitHub/Workflows/x.yml",
  "sub/CLAUDE.md",
])("%s is protected by default", (path) => {
  expect(defaultProtectedPaths.some((glob) => matchesGlob(path, glob))).toBe(
    true,
  );
});
