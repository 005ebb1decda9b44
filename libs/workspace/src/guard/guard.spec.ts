import { setImmediate } from "node:timers/promises";

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
import { SECRET_PATTERNS } from "./secret-patterns.js";
import { findSecrets, findSecretsByPieces, PIECE } from "./secret-scan.js";

const MIB = 1024 ** 2;

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
  const samples = [
    ["a GitHub token", `ghp_${a(36)}`],
    ["a GitHub token", `github_pat_${a(82)}`],
    ["a GitLab token", `glpat-${a(20)}`],
    ["an Anthropic key", `sk-ant-api03-${a(80)}`],
    ["an OpenAI key", `sk-proj-${a(80)}`],
    ["an OpenAI key", `sk-${a(20)}T3BlbkFJ${a(20)}`],
    ["an AWS access key", "AKIAIOSFODNN7EXAMPLE"],
    ["a Google API key", `AIza${a(35)}`],
    ["a Slack token", `xoxb-${"1".repeat(12)}-${a(24)}`],
    ["a Slack webhook", `hooks.slack.com/services/T0A1B2C3D/B0A1B2C/${a(24)}`],
    ["a Stripe key", `rk_live_${a(24)}`],
    ["an npm token", `npm_${a(36)}`],
    ["a PyPI token", `pypi-AgEIcHlwaS5vcmc${a(60)}`],
    ["a SendGrid key", `SG.${a(22)}.${a(43)}`],
    ["a Twilio key", `SK${a(32)}`],
    ["a Pullwright key", `pw_${a(43)}`],
    ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----"],
    ["a private key", "-----BEGIN PRIVATE KEY-----"],
    ["a JSON web token", `eyJ${a(30)}.eyJ${a(30)}.${a(30)}`],
    ["a JSON web token", `eyJ${a(500)}.eyJ${a(2_000)}.${a(500)}`],
  ] as const;

  test.each([
    ...samples,
    ["a JSON web token", `Bearer-eyJ${a(30)}.eyJ${a(30)}.${a(30)}`] as const,
  ])("knows %s", (name, text) => {
    expect(findSecrets(`const x = "${text}";`)).toEqual([name]);
  });

  test.each([
    "ghp_short",
    "sk-ant-",
    "-----BEGIN PUBLIC KEY-----",
    "const token = process.env.GITHUB_TOKEN",
    `heyJ${a(30)}.eyJ${a(30)}.${a(30)}`,
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

  test("has a sample of every kind", () => {
    const unknown = SECRET_PATTERNS.filter(
      ({ pattern }) => !samples.some(([, text]) => pattern.test(text)),
    );
    expect(unknown).toEqual([]);
  });

  test.each(["", "-", "_", ".", "/", "=", " ", "\n"])(
    "reads a megabyte of beginnings with %j between them at once",
    (between) => {
      const slow = samples.flatMap(([, sample]) =>
        [2, 3, 4, 8, 16, sample.length >> 1, sample.length - 1].filter(
          (cut) => {
            const unit = between + sample.slice(0, cut);
            const text = unit.repeat(MIB / unit.length);
            return SECRET_PATTERNS.filter(({ pattern }) =>
              pattern.test(sample),
            ).some(
              ({ pattern }) => bestCpuMs(() => pattern.test(text), 50) > 50,
            );
          },
        ),
      );
      expect(slow).toEqual([]);
    },
  );
});

describe("the secret scan by pieces", () => {
  const known = `k3y-${"0f-0ur-0wn-".repeat(4)}`;
  const jwt = `eyJ${"a".repeat(500)}.eyJ${"a".repeat(2_000)}.${"a".repeat(500)}`;
  /** Within a piece, over the cut between two, and behind it. */
  const places = [0.5, 0.97, 0.99, 1, 1.01, 1.5, 2].map((pieces) =>
    Math.floor(pieces * PIECE),
  );

  test.each([
    ["a web token", jwt],
    ["a known secret", known],
    ["one in hexadecimal", Buffer.from(known).toString("hex")],
    ["one split over lines", known.split("").join(`"\n${" ".repeat(200)}+ "`)],
  ])("finds %s wherever it stands", async (_, secret) => {
    for (const place of places) {
      const text = `${".".repeat(place)} ${secret} ${".".repeat(PIECE)}`;
      expect(await findSecretsByPieces(text, [known])).toEqual(
        findSecrets(text, [known]),
      );
      expect(await findSecretsByPieces(text, [known])).toHaveLength(1);
    }
  });

  test("lets others have their turn in the middle of the largest file", async () => {
    const text = "const shop = open({ at: 'nine' });\n".repeat((5 * MIB) / 35);
    const secrets = Array.from({ length: 12 }, (_, at) => `${known}-${at}`);
    const stretches: number[] = [];
    const over = new AbortController();
    let begun = process.cpuUsage();
    const others = (async () => {
      while (!over.signal.aborted) {
        await setImmediate();
        const { user, system } = process.cpuUsage(begun);
        stretches.push((user + system) / 1000);
        begun = process.cpuUsage();
      }
    })();
    expect(await findSecretsByPieces(text, secrets)).toEqual([]);
    over.abort();
    await others;
    expect(stretches.length).toBeGreaterThan(20);
    // All at once it takes some 400, on a busy machine more.
    expect(Math.max(...stretches)).toBeLessThan(250);
  });
});
