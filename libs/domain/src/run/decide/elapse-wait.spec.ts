import { describe, expect, it } from "@jest/globals";
import { waitTable } from "../../failure/wait-table.js";
import {
  DAY,
  DrivenRun,
  failed,
  monday,
  succeeded,
} from "../__fixtures__/driven-run.js";
import { waitReasons } from "../waiting.js";

describe("a wait", () => {
  it.each([
    ["quota", failed("quota"), "quota"],
    ["budget", failed("budget"), "budget"],
    ["person", failed("auth"), "timeout"],
  ])("for %s ends in failed at its deadline", (reason, failure, expected) => {
    const driven = new DrivenRun().upTo("plan").work(failure);
    driven.passUntil(driven.state.waiting?.deadline).elapse();
    const message = `Nobody ended the wait (${reason}) in time. ${failure.message}`;
    expect(driven.state).toMatchObject({
      status: "failed",
      waiting: null,
      failure: { failureClass: expected, message, phase: "plan" },
      endedAt: driven.now,
    });
    expect(driven.phase("plan")).toMatchObject({
      status: "failed",
      endedAt: driven.now,
      result: { outcome: "failed", failureClass: expected, message },
    });
    expect(driven.effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
  });

  it.each(waitReasons)(
    "for %s ends in failed at its deadline even when no phase is held",
    (reason) => {
      const driven = new DrivenRun("adw_plan").claim();
      const since = monday;
      const deadline = new Date(monday.getTime() + DAY);
      driven.state = {
        ...driven.state,
        status: "waiting",
        waiting: { reason, message: "", since, resumeAt: null, deadline },
        phases: driven.state.phases.map((phase, index) =>
          index === 0 ? { ...phase, status: "succeeded" } : phase,
        ),
      };
      const inTime = new DrivenRun();
      inTime.state = driven.state;
      expect(inTime.continue().live).toMatchObject({
        status: "queued",
        definition: { name: "plan" },
      });
      driven.passUntil(deadline).elapse();
      expect(driven.state).toMatchObject({
        status: "failed",
        failure: { failureClass: waitTable[reason].failsAs, phase: null },
      });
    },
  );

  it("does not end a moment before its deadline", () => {
    const driven = new DrivenRun().work(failed("auth"));
    const { deadline } = driven.state.waiting ?? {};
    driven.passUntil(deadline).pass(-1);
    expect(driven.refusal({ type: "wait_elapsed" }).refused).toBe("not_yet");
  });

  it("cannot elapse where there is none", () => {
    const driven = new DrivenRun().claim();
    expect(driven.refusal({ type: "wait_elapsed" })).toEqual({
      refused: "not_waiting",
      message: "The run does not wait.",
    });
    driven.finish(succeeded()).cancel();
    expect(driven.refusal({ type: "wait_elapsed" }).refused).toBe(
      "not_waiting",
    );
  });
});

describe("a phase that nobody takes", () => {
  it("ends its run as failed after fourteen days, and no moment before", () => {
    const driven = new DrivenRun().upTo("build").pass(14 * DAY - 1);
    expect(driven.refusal({ type: "wait_elapsed" }).refused).toBe("not_yet");
    driven.pass(1).elapse();
    const message =
      "No runner took the phase build in time: none was free, or none may do it.";
    expect(driven.state).toMatchObject({
      status: "failed",
      failure: { failureClass: "infrastructure", message, phase: "build" },
    });
    expect(driven.phase("build").result).toMatchObject({ message });
    expect(driven.effects).toContain("status_comment");
  });

  it("is queued anew when its run is retried", () => {
    const driven = new DrivenRun()
      .pass(14 * DAY)
      .elapse()
      .retry();
    expect(driven.refusal({ type: "wait_elapsed" }).refused).toBe("not_yet");
  });
});
