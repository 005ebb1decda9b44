import { describe, expect, it } from "@jest/globals";
import type { PhaseDefinition } from "../../workflow/workflow-definition.js";
import {
  costing,
  DrivenRun,
  MINUTE,
  noChanges,
  sha,
  SECOND,
  succeeded,
} from "../__fixtures__/driven-run.js";

describe("a result", () => {
  const result = succeeded();

  it("is taken once", () => {
    const driven = new DrivenRun().work(result);
    const again = {
      type: "phase_finished",
      position: 1000,
      fence: 1,
      result,
    } as const;
    expect(driven.refusal(again).refused).toBe("stale_fence");
  });

  it("is refused from an owner who was given up, even after the next one finished", () => {
    const driven = new DrivenRun().claim().pass(MINUTE).lose().pass(SECOND);
    const late = {
      type: "phase_finished",
      position: 1000,
      fence: 1,
      result,
    } as const;
    expect(driven.refusal(late)).toEqual({
      refused: "stale_fence",
      message: "The phase is queued under fence 1, not 1.",
    });
    driven.claim();
    expect(driven.refusal(late).refused).toBe("stale_fence");
    expect(driven.live.fence).toBe(2);
    driven.finish(result);
    expect(driven.refusal(late).refused).toBe("stale_fence");
    expect(
      driven.refusal({ ...late, type: "attempt_lost", message: "" }).refused,
    ).toBe("stale_fence");
  });

  it("is refused after the run's end, for unknown phases and for built-in ones", () => {
    const driven = new DrivenRun("adw_build").work(result);
    const finish = (position: number, fence: number) =>
      driven.refusal({ type: "phase_finished", position, fence, result })
        .refused;
    expect(finish(2000, driven.live.fence)).toBe("stale_fence");
    expect(finish(1001, 1)).toBe("no_such_phase");
    driven.cancel();
    expect(finish(1000, 1)).toBe("run_ended");
  });

  it("adds its time and money, and a clock that runs backwards takes none away", () => {
    const driven = new DrivenRun().work(succeeded(costing(0.25)));
    driven
      .claim()
      .pass(-MINUTE)
      .finish(succeeded(costing(-3)));
    driven.work(succeeded(costing(Number.NaN)));
    expect(driven.state).toMatchObject({
      activeMs: 2 * MINUTE,
      spentUsd: 0.25,
    });
  });

  it("adds no more money than can be kept", () => {
    const driven = new DrivenRun()
      .work(succeeded(costing(89_999_999)))
      .work(succeeded(costing(1e300)));
    expect(driven.state.spentUsd).toBe(90_000_000);
  });
});

describe("a phase that changed nothing", () => {
  it("ends the run as no_changes when it was to build", () => {
    const driven = new DrivenRun().upTo("build").work(noChanges());
    expect(driven.state).toMatchObject({
      status: "completed",
      outcome: "no_changes",
      pullRequestUrl: null,
      failure: null,
    });
    expect(driven.story).toBe(
      "classify:succeeded plan:succeeded build:no_changes test:skipped publish:skipped",
    );
    expect(driven.effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
  });

  it("goes on when it was not to change code", () => {
    const driven = new DrivenRun().upTo("plan").work(noChanges());
    expect(driven.live.definition.name).toBe("build");
  });

  it("goes on when another phase changed the code or may still do so", () => {
    const [back, front] = ["backend", "frontend"].map(
      (name): PhaseDefinition => ({
        name,
        kind: "agent",
        writes: "code",
        timeoutMinutes: 1,
        stallMinutes: 1,
      }),
    );
    const team = {
      name: "pair",
      version: 1,
      description: "",
      start: "base",
      phases: [back, front].flatMap((phase) => phase ?? []),
    } as const;
    const first = new DrivenRun(team).work(noChanges());
    expect(first.live.definition.name).toBe("frontend");
    expect(first.work(noChanges()).state.outcome).toBe("no_changes");

    const second = new DrivenRun(team)
      .work(succeeded({ commitSha: sha("b") }))
      .work(noChanges());
    expect(second.state).toMatchObject({
      status: "completed",
      headSha: sha("b"),
    });
    expect(second.state.outcome).not.toBe("no_changes");
  });
});
