import { describe, expect, it } from "@jest/globals";
import type { FailureClass } from "@pullwright/domain";
import { GitHubError } from "@pullwright/github";
import { GitError, type GitErrorCode } from "@pullwright/workspace";
import { UnknownAgent } from "../agent/agents.js";
import { failureOf } from "./failure-of.js";

const REPOSITORY = "acme/shop";

describe("failureOf", () => {
  const git: Readonly<Record<GitErrorCode, FailureClass>> = {
    GIT_AUTH: "auth",
    GIT_NOT_FOUND: "auth",
    GIT_UNREACHABLE: "transient",
    GIT_TIMEOUT: "transient",
    GIT_MISSING: "infrastructure",
    GIT_TOO_OLD: "infrastructure",
    DISK_FULL: "infrastructure",
    GIT_FAILED: "infrastructure",
    COMMIT_NOT_FOUND: "conflict",
    INVALID_NAME: "invalid_input",
  };
  const others: readonly (readonly [unknown, FailureClass])[] = [
    [new GitHubError("unauthorized", "401"), "auth"],
    [new GitHubError("forbidden", "403"), "auth"],
    [new GitHubError("not_found", "404"), "auth"],
    [new GitHubError("rate_limited", "403"), "quota"],
    [new GitHubError("unavailable", "502"), "transient"],
    [new UnknownAgent("nobody", ["claude"]), "invalid_input"],
    [new TypeError("x is undefined"), "infrastructure"],
    ["thrown text", "infrastructure"],
    [undefined, "infrastructure"],
  ];
  const cases = [
    ...Object.entries(git).map(
      ([code, expected]) =>
        [
          code,
          new GitError(code as GitErrorCode, "git said so"), // A key of the table above.
          expected,
        ] as const,
    ),
    ...others.map(
      ([error, expected]) => [String(error), error, expected] as const,
    ),
  ];

  it.each(cases)("takes %s for its class", (_name, error, expected) => {
    expect(failureOf(error, REPOSITORY)).toMatchObject({
      outcome: "failed",
      failureClass: expected,
    });
  });

  it.each(["GIT_NOT_FOUND", "GIT_AUTH"] as const)(
    "names the repository and the missing permission for %s",
    (code) => {
      const { message } = failureOf(
        new GitError(code, "fatal: no"),
        REPOSITORY,
      );
      expect(message).toContain(REPOSITORY);
      expect(message).toContain("Contents");
      expect(message).toContain("fatal: no");
    },
  );

  it("says until when a rate limit lasts", () => {
    const resumeAt = new Date("2026-01-01T00:10:00Z");
    const error = new GitHubError("rate_limited", "slow down", {
      rateLimit: { kind: "primary", resumeAt },
    });
    expect(failureOf(error, REPOSITORY).resumeAt).toBe(resumeAt.toISOString());
  });
});
