import { describe, expect, test } from "@jest/globals";
import { GitHubError, WriteWithheld } from "@pullwright/github";
import type { ClaimedEffect } from "@pullwright/persistence";
import { troubleOf } from "./effect-trouble.js";
import { settleEarlier } from "./settle-earlier.js";

const HOUR_MS = 3_600_000;
/** On the database's clock; this process's own is an hour ahead of it. */
const now = new Date(Date.now() - HOUR_MS);

const effect: ClaimedEffect = {
  id: "e",
  fence: 1,
  kind: "status_comment",
  target: "run:r:status_comment",
  runId: "r",
  repositoryId: "s",
  issueNumber: 1,
  desired: null,
  rev: 1,
  externalId: null,
  failures: 0,
  uncertainSince: null,
  now: () => now,
  leaseLeftMs: () => 120_000,
};
const retry = { baseMs: 2_000, maxMs: 300_000 };

/** How long from now, on the database's clock, an effect is put off. */
function putOffMs(error: Error): number {
  const { then } = troubleOf(error, { effect, publishing: null, retry });
  if (then.kind !== "later") throw new Error(then.kind);
  return then.at.getTime() - now.getTime();
}

describe("in a process whose clock is an hour ahead", () => {
  test("a failed effect is tried again when its pause is over", () => {
    const away = new GitHubError("unavailable", "no answer");
    expect(putOffMs(away)).toBeGreaterThan(0);
    expect(putOffMs(away)).toBeLessThanOrEqual(retry.maxMs);
  });

  test("an effect that met a limit waits as long as GitHub asked for", () => {
    const limited = new GitHubError("rate_limited", "slowly", {
      rateLimit: {
        kind: "secondary",
        resumeAt: new Date(Date.now() + 60_000),
      },
    });
    expect(putOffMs(limited)).toBeGreaterThan(55_000);
    expect(putOffMs(limited)).toBeLessThanOrEqual(60_000);
  });

  test("a write that was withheld is made in a moment: nothing failed, and nothing is in doubt", () => {
    const withheld = new WriteWithheld({ method: "POST", path: "/x" });
    const situation = { effect, publishing: null, retry };
    expect(troubleOf(withheld, situation)).toMatchObject({
      then: { kind: "later", counts: false },
      uncertain: false,
    });
    expect(putOffMs(withheld)).toBe(1_000);
  });

  test("a write without an answer is not taken for lost before its time", () => {
    const uncertainSince = new Date(now.getTime() - 1_000);
    const outcome = settleEarlier({ ...effect, uncertainSince }, 120_000);
    expect(outcome).toMatchObject({ kind: "later", uncertain: true });
  });
});
