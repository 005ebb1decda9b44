import { describe, expect, it } from "@jest/globals";
import { BLOCKED_DEADLINE_MS } from "../../failure/failure-table.js";
import { shippedWorkflows } from "../../workflow/shipped-workflows.js";
import { decide } from "../decide.js";
import { isRefusal } from "../decision.js";
import { openRun } from "../open-execution.js";
import type { RunState } from "../run-state.js";

const now = new Date("2026-03-01T12:00:00Z");
const later = new Date("2026-03-02T12:00:00Z");

function blocked(blockedBy: readonly string[]): RunState {
  const [workflow] = shippedWorkflows;
  const limits = { maxActiveMs: 3_600_000, maxUsd: null, maxFixRounds: 3 };
  return openRun({ workflow, limits, blockedBy }, now);
}

function see(run: RunState, open: readonly string[]): RunState {
  const answer = decide(run, { type: "blockers_seen", open }, later);
  if (isRefusal(answer)) throw new Error(answer.message);
  return answer.run;
}

describe("a run whose issue is blocked", () => {
  it("waits with its first phase, names the blockers and has a deadline", () => {
    const run = blocked(["acme/shop#3", "acme/shop#4"]);
    expect(run).toMatchObject({
      status: "waiting",
      waiting: {
        reason: "dependency",
        message: expect.stringContaining("acme/shop#3, acme/shop#4"),
        deadline: new Date(now.getTime() + BLOCKED_DEADLINE_MS),
      },
    });
    expect(run.phases[0]?.status).toBe("waiting");
  });

  it("names those that are left, and keeps its deadline", () => {
    const before = blocked(["acme/shop#3", "acme/shop#4"]);
    const { waiting, status } = see(before, ["acme/shop#4"]);
    expect(status).toBe("waiting");
    expect(waiting?.message).not.toContain("#3");
    expect(waiting?.deadline).toEqual(before.waiting?.deadline);
  });

  it("goes on when the last one is closed, or when a person says so", () => {
    const run = blocked(["acme/shop#3"]);
    const freed = see(run, []);
    expect(freed).toMatchObject({ status: "running", waiting: null });
    expect(freed.phases[0]?.status).toBe("queued");
    const event = { type: "continue_requested", by: "ada", addUsd: 0 } as const;
    expect(decide(run, event, later)).toMatchObject({
      run: { waiting: null },
    });
  });

  it("is not touched by a look that shows nothing new, nor is a run that waits for nothing", () => {
    const event = { type: "blockers_seen", open: ["acme/shop#3"] } as const;
    expect(decide(blocked(["acme/shop#3"]), event, later)).toMatchObject({
      refused: "not_yet",
    });
    expect(decide(blocked([]), event, later)).toMatchObject({
      refused: "not_waiting",
    });
  });

  it("names ten of many", () => {
    const many = Array.from({ length: 40 }, (_, n) => `acme/shop#${n}`);
    expect(blocked(many).waiting?.message).toContain("and 30 more");
  });
});
