import { expect, it } from "@jest/globals";
import { AttemptLost } from "../phases/phase-context.js";
import { afterStop, afterSurprise, type Stoppable } from "./after-stop.js";
import { AttemptStopped, type StopReason } from "./attempt-end.js";
import { Lease } from "./lease.js";
import { ProcessesLeft } from "./process-end.js";

const usage = {
  inputTokens: 5,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.1,
};

function stopped(reason: StopReason | null): Stoppable {
  const stop = new AbortController();
  const lease = new Lease({ intervalMs: 1_000, timeoutMs: 60_000 });
  if (reason !== null) stop.abort(new AttemptStopped(reason));
  if (reason === "lost") lease.giveUp();
  return {
    claimed: {
      run: {
        repository: { id: "1", githubId: 1, owner: "acme", name: "shop" },
      },
    },
    lease,
    stop,
    purse: { usage, broke: null },
  };
}

const left = new ProcessesLeft([41, 42]);

it.each(["cancelled", "budget", "shutdown", null] as const)(
  "an attempt that left processes behind says so, whatever it was stopped for (%s)",
  (reason) => {
    expect(afterSurprise(left, stopped(reason))).toMatchObject({
      outcome: "failed",
      failureClass: "infrastructure",
      message: expect.stringContaining("41, 42"),
      usage,
    });
  },
);

it("an attempt that was cancelled and left nothing behind is cancelled, whatever was thrown meanwhile", () => {
  const thrown = new Error("the checkout is gone");
  expect(afterSurprise(thrown, stopped("cancelled"))).toMatchObject({
    failureClass: "cancelled",
    usage,
  });
  expect(afterSurprise(thrown, stopped(null))).toMatchObject({
    failureClass: "infrastructure",
  });
});

it("nothing of a lost attempt counts", () => {
  const done = { outcome: "no_changes", summary: "", usage: null } as const;
  expect(() => afterStop(done, stopped("lost"))).toThrow(AttemptLost);
});

it("a commit that reached the branch stands after a cancel", () => {
  const pushed = {
    outcome: "succeeded",
    summary: "Done.",
    commitSha: "c0ffee",
    usage: null,
  } as const;
  expect(afterStop(pushed, stopped("cancelled"))).toEqual({ ...pushed, usage });
});
