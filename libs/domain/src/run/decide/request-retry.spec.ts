import { describe, expect, it } from "@jest/globals";
import {
  costing,
  DrivenRun,
  evidence,
  failed,
  MINUTE,
  noChanges,
  pullRequestUrl,
  sha,
  succeeded,
  testsFailed,
} from "../__fixtures__/driven-run.js";

const retry = (phase: string | null) =>
  ({ type: "retry_requested", by: "ada", phase }) as const;

const planned = succeeded({
  commitSha: sha("a"),
  planFile: "specs/issue-7.md",
  ...costing(0.5),
});
const built = succeeded({ commitSha: sha("b") });
const tested = succeeded({ tests: evidence(0) });

function completed(): DrivenRun {
  return new DrivenRun()
    .upTo("plan")
    .work(planned)
    .work(built)
    .work(tested)
    .publish();
}

describe("a retry of the whole run", () => {
  it("opens the next execution from the start", () => {
    const driven = completed().pass(MINUTE).retry();
    expect(driven.state).toMatchObject({
      status: "pending",
      execution: 2,
      outcome: null,
      failure: null,
      waiting: null,
      cancelRequest: null,
      headSha: null,
      activeMs: 0,
      spentUsd: 0.5,
      startedAt: null,
      endedAt: null,
      pullRequestUrl,
    });
    expect(driven.story).toBe(
      "classify:queued plan:pending build:pending test:pending publish:pending",
    );
    for (const phase of driven.state.phases)
      expect(phase).toMatchObject({
        execution: 2,
        fence: 0,
        result: null,
        reusedFrom: null,
      });
    expect(driven.effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
  });

  it("starts where the run started", () => {
    const driven = new DrivenRun("adw_build", { startSha: sha("9") })
      .work(built)
      .publish()
      .retry();
    expect(driven.state.headSha).toBe(sha("9"));
  });

  it.each([
    ["failed", new DrivenRun().work(failed("policy"))],
    ["cancelled", new DrivenRun().claim().cancel().lose()],
  ])("forgets why the run is %s", (_status, driven) => {
    driven.retry();
    expect(driven.state).toMatchObject({
      status: "pending",
      failure: null,
      cancelRequest: null,
    });
    driven.work();
    expect(driven.live.definition.name).toBe("plan");
  });

  it("is refused while the run lives", () => {
    for (const driven of [
      new DrivenRun(),
      new DrivenRun().claim(),
      new DrivenRun().work(failed("auth")),
    ]) {
      expect(driven.refusal(retry(null))).toEqual({
        refused: "run_not_ended",
        message: `The run is ${driven.state.status}; cancel it first or wait for its end.`,
      });
    }
  });

  it("waits for money when the run has spent its own", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 1 } })
      .work(failed("policy", costing(3)))
      .retry();
    expect(driven.state).toMatchObject({
      status: "waiting",
      waiting: { reason: "budget" },
    });
    expect(driven.continue(5).live.status).toBe("queued");
  });
});

describe("a retry from a phase", () => {
  it.each([
    ["classify", 0, null],
    ["plan", 1, null],
    ["build", 2, sha("a")],
    ["test", 3, sha("b")],
    ["publish", 4, sha("b")],
  ])(
    "from %s keeps the %d phases before it and starts from their commit",
    (name, kept, headSha) => {
      const driven = completed().retry(name);
      expect(driven.state.headSha).toBe(headSha);
      driven.state.phases.forEach((phase, index) => {
        expect(phase.reusedFrom).toBe(index < kept ? 1 : null);
        expect(phase.status === "succeeded").toBe(index < kept);
      });
      expect(driven.live.definition.name).toBe(name);
    },
  );

  it("finishes without repeating what went well", () => {
    const driven = new DrivenRun()
      .upTo("plan")
      .work(planned)
      .work(failed("policy"))
      .retry("build")
      .work(built)
      .work(tested)
      .publish();
    expect(driven.state).toMatchObject({ status: "completed", execution: 2 });
    expect(driven.phase("plan")).toMatchObject({
      result: planned,
      reusedFrom: 1,
      fence: 0,
    });
  });

  it("publishes at once when only publishing is left", () => {
    const driven = new DrivenRun("adw_build")
      .work(built)
      .failToPublish(failed("policy"))
      .retry("publish");
    expect(driven.state).toMatchObject({
      status: "running",
      startedAt: driven.now,
    });
    expect(driven.effects).toContain("pull_request");
    expect(driven.publish().state.status).toBe("completed");
  });

  it("remembers the execution that did the work, over several retries", () => {
    const driven = completed().retry("test").work(failed("policy"));
    driven.retry("test");
    expect(driven.phase("build").reusedFrom).toBe(1);
    driven.work(tested).cancel().retry("publish");
    expect(driven.state.execution).toBe(4);
    expect(driven.phase("build").reusedFrom).toBe(1);
    expect(driven.phase("test").reusedFrom).toBe(3);
  });

  it("keeps the latest round of a build, and counts rounds anew", () => {
    const driven = new DrivenRun(undefined, { limits: { maxFixRounds: 1 } })
      .upTo("build")
      .work(built)
      .work(testsFailed())
      .work(succeeded({ commitSha: sha("d") }))
      .work(testsFailed())
      .retry("test");
    expect(driven.state.headSha).toBe(sha("d"));
    expect(driven.story).toBe(
      "classify:succeeded plan:succeeded build:succeeded test:queued publish:pending",
    );
    driven.work(testsFailed());
    expect(driven.live).toMatchObject({
      round: 2,
      definition: { name: "build" },
    });
  });

  it("starts from the round that left a commit when a later one changed nothing", () => {
    const driven = new DrivenRun(undefined, { limits: { maxFixRounds: 1 } })
      .upTo("plan")
      .work(planned)
      .work(built)
      .work(testsFailed())
      .work(noChanges())
      .work(testsFailed())
      .retry("test");
    expect(driven.state.headSha).toBe(sha("b"));
    expect(driven.phase("build")).toMatchObject({
      status: "succeeded",
      result: built,
    });
  });

  it("is refused when a phase before it never succeeded", () => {
    const driven = new DrivenRun().upTo("build").work(failed("policy"));
    expect(driven.refusal(retry("test"))).toEqual({
      refused: "nothing_to_reuse",
      message:
        "The phase build left nothing to go on from; retry from there or the whole run.",
    });
    expect(driven.refusal(retry("publish")).message).toContain("build");
  });

  it("is refused when there is no change to test or publish", () => {
    const driven = new DrivenRun().upTo("build").work(noChanges());
    expect(driven.refusal(retry("publish")).message).toContain("test");
    expect(driven.refusal(retry("test"))).toMatchObject({
      refused: "nothing_to_reuse",
      message: expect.stringContaining("The phase build"),
    });
    expect(driven.retry("build").state.status).toBe("pending");
  });

  it("is refused for a phase that the workflow has not", () => {
    const driven = new DrivenRun("adw_build").cancel();
    expect(driven.refusal(retry("plan"))).toEqual({
      refused: "no_such_phase",
      message: 'The workflow has no phase "plan"; it has build, publish.',
    });
    const long = driven.refusal(retry("x".repeat(10_000)));
    expect(long.message.length).toBeLessThan(120);
  });

  it("refuses the results of the execution before it", () => {
    const driven = new DrivenRun().claim().pass(MINUTE).cancel().lose().retry();
    const late = {
      type: "phase_finished",
      position: 1000,
      fence: 1,
      result: planned,
    } as const;
    expect(driven.refusal(late).refused).toBe("stale_fence");
  });
});
