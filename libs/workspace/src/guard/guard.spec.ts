import { describe, expect, test } from "@jest/globals";
import { bestCpuMs } from "@pullwright/testing";
import fc from "fast-check";

import { defaultGuardPolicy, narrowPolicy } from "./guard-policy.js";
import { matchesAny } from "./path-pattern.js";
import {
  badPath,
  caseCollisions,
  escapingSymlink,
  looksLikeGit,
} from "./path-rules.js";
import { findSecrets } from "./secret-scan.js";

describe("paths", () => {
  test.each([
    ".git",
    ".GIT",
    ".Git ",
    ".git.",
    ".git . .",
    "git~1",
    "GIT~2",
    ".g\u200cit",
    ".git::$INDEX_ALLOCATION",
    "．git",
  ])("%j is git's own folder to somebody", (name) => {
    expect(looksLikeGit(name)).toBe(true);
  });

  test.each([
    ".gitignore",
    ".github",
    "git",
    "legit",
    ".gitmodules",
    "git~",
    "digit~1",
  ])("%j is not", (name) => {
    expect(looksLikeGit(name)).toBe(false);
  });

  test.each([
    "a/../b",
    "/a",
    "a//b",
    "a/./b",
    "",
    "a\nb",
    "a\u2028b",
    "x".repeat(2_000),
  ])("%j is refused", (path) => {
    expect(badPath(path)?.rule).toBe("bad_path");
  });

  test.each(["a/b.txt", "ä/日本.md", "-x", "a b", "..a", "a..b"])(
    "%j is taken",
    (path) => {
      expect(badPath(path)).toBeUndefined();
    },
  );

  test("names that are one on a Mac collide, also composed in another way", () => {
    expect(caseCollisions(["Src/a"], ["Src/a", "src/A"])).toHaveLength(1);
    expect(caseCollisions(["\u00e4"], ["\u00e4", "a\u0308"])).toHaveLength(1);
    expect(caseCollisions(["a"], ["a", "b"])).toEqual([]);
  });

  test.each([
    ["a", "b", true],
    ["d/a", "../b", true],
    ["d/a", "../../b", false],
    ["a", "..", false],
    ["d/a", "e/../b", false],
    ["a", "/etc/passwd", false],
    ["a", "C:/x", false],
    ["a", ".git/hooks", false],
    ["d/e/a", "../../x/y", true],
  ])("a link %s → %s stays inside: %s", (path, target, stays) => {
    expect(escapingSymlink(path, target) === undefined).toBe(stays);
  });
});

describe("patterns", () => {
  test.each([
    ["**/CLAUDE.md", "CLAUDE.md", true],
    ["**/CLAUDE.md", "a/b/claude.MD", true],
    ["**/CLAUDE.md", "a/xCLAUDE.md", false],
    [".github/workflows/**", ".github/workflows/a/b.yml", true],
    [".github/workflows/**", "x/.github/workflows/b.yml", false],
    ["*.lock", "a.lock", true],
    ["*.lock", "a/b.lock", false],
    ["**/docker-compose*.yml", "a/docker-compose.dev.yml", true],
    ["a+b(c)", "a+b(c)", true],
  ])("%s and %s: %s", (pattern, path, matches) => {
    expect(matchesAny(path, [pattern])).toBe(matches);
  });

  test("take no long time over a hostile path", () => {
    const path = `${"a/".repeat(5_000)}b`;
    expect(
      bestCpuMs(() => matchesAny(path, ["**/x/**/y/**/z", "**/*a*a*a*/q"])),
    ).toBeLessThan(500);
  });
});

describe("a policy", () => {
  test("can be narrowed by a repository, never widened", () => {
    const policy = narrowPolicy(defaultGuardPolicy, {
      block: ["secret/**"],
      maxFiles: 10,
      maxFileBytes: Number.MAX_SAFE_INTEGER,
    });
    expect(policy.block).toEqual([...defaultGuardPolicy.block, "secret/**"]);
    expect(policy).toMatchObject({
      maxFiles: 10,
      maxFileBytes: defaultGuardPolicy.maxFileBytes,
    });
  });
});

describe("the secret scan", () => {
  const a = (length: number) => "a".repeat(length);

  test.each([
    [`ghp_${a(36)}`, "a GitHub token"],
    [`github_pat_${a(82)}`, "a GitHub token"],
    [`sk-ant-api03-${a(80)}`, "an Anthropic key"],
    [`sk-proj-${a(80)}`, "an OpenAI key"],
    ["AKIAIOSFODNN7EXAMPLE", "an AWS access key"],
    [`xoxb-${"1".repeat(12)}-${a(24)}`, "a Slack token"],
    ["-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"],
    ["-----BEGIN PRIVATE KEY-----", "a private key"],
    [`npm_${a(36)}`, "an npm token"],
  ])("knows %s", (text, name) => {
    expect(findSecrets(`const x = "${text}";`)).toEqual([name]);
  });

  test.each([
    "ghp_short",
    "sk-ant-",
    "-----BEGIN PUBLIC KEY-----",
    "const token = process.env.GITHUB_TOKEN",
    a(10_000),
  ])("lets %.40s pass", (text) => {
    expect(findSecrets(text)).toEqual([]);
  });

  const secret = "k3y-0f-0ur-0wn-9f8e7d6c5b4a";
  const ours = ["one of Pullwright's own credentials"];
  test.each([
    ["plain", secret],
    ["reversed", Array.from(secret).reverse().join("")],
    ["in hexadecimal", Buffer.from(secret).toString("hex")],
    ["split over lines", `"${secret.slice(0, 9)}" +\n  "${secret.slice(9)}"`],
    ["as an array", JSON.stringify(Array.from(secret))],
    ["without its first 7 characters", secret.slice(7)],
    ["without its last 7 characters", secret.slice(0, -7)],
  ])("finds a known secret %s", (_, text) => {
    expect(findSecrets(`x ${text} y`, [secret])).toEqual(ours);
  });

  test("finds a known secret in base64 whatever stands around it", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20 }),
        fc.string({ maxLength: 20 }),
        (before, after) => {
          const text = Buffer.from(before + secret + after).toString("base64");
          return findSecrets(text, [secret]).length === 1;
        },
      ),
    );
  });

  test("reads a megabyte of lookalikes at once", () => {
    const text =
      "eyJeyJ.".repeat(150_000) +
      "gh_ghp_".repeat(50_000) +
      "-----BEGIN ".repeat(50_000);
    expect(bestCpuMs(() => findSecrets(text, [secret]))).toBeLessThan(2_000);
  });
});
