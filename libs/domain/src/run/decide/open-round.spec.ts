import { describe, expect, it } from "@jest/globals";
import type { WorkflowDefinition } from "../../workflow/workflow-definition.js";
import {
  DrivenRun,
  evidence,
  failed,
  noChanges,
  sha,
  succeeded,
  testsFailed,
} from "../__fixtures__/driven-run.js";

const built = (digit: string) => succeeded({ commitSha: sha(digit) });

describe("a failed test", () => {
  it("leads to another round of build and test, with the evidence kept", () => {
    const driven = new DrivenRun()
      .upTo("build")
      .work(built("1"))
      .work(testsFailed());
    expect(driven.story).toBe(
      "classify:succeeded plan:succeeded build:succeeded test:failed build#2:queued test#2:pending publish:pending",
    );
    expect(driven.phase("test").result?.tests).toEqual(evidence(1));
    expect(driven.state.status).toBe("running");
    expect(driven.effects).toEqual([
      "status_comment",
      "pull_request",
      "commit_status",
    ]);
  });

  it("of an agent that never built opens no pull request", () => {
    const driven = new DrivenRun().upTo("build").work(failed("agent_error"));
    driven.passUntil(driven.live.availableAt).work(failed("agent_error"));
    expect(driven.live).toMatchObject({ round: 2, status: "queued" });
    expect(driven.effects).toEqual(["status_comment", "commit_status"]);
  });

  it("is forgotten once a later round passes", () => {
    const driven = new DrivenRun()
      .upTo("build")
      .work(built("1"))
      .work(testsFailed())
      .work(built("2"))
      .work(succeeded({ tests: evidence(0) }))
      .publish();
    expect(driven.state).toMatchObject({
      status: "completed",
      headSha: sha("2"),
      failure: null,
    });
  });

  it.each([0, 1, 3])(
    "ends the run with the evidence after %d more rounds",
    (maxFixRounds) => {
      const driven = new DrivenRun(undefined, { limits: { maxFixRounds } })
        .upTo("build")
        .work(built("1"));
      for (let round = 1; round <= maxFixRounds; round += 1)
        driven.work(testsFailed()).work(built(String(round + 1)));
      expect(driven.live.round).toBe(maxFixRounds + 1);
      driven.work(testsFailed());
      expect(driven.state).toMatchObject({
        status: "failed",
        failure: { failureClass: "tests_failed", phase: "test" },
        headSha: sha(String(maxFixRounds + 1)),
      });
      expect(driven.phase("publish").status).toBe("skipped");
      expect(driven.effects).toEqual([
        "status_comment",
        "labels",
        "commit_status",
        "pull_request",
      ]);
    },
  );

  it("uses up a round even when the build of that round changed nothing", () => {
    const driven = new DrivenRun()
      .upTo("build")
      .work(built("1"))
      .work(testsFailed())
      .work(noChanges());
    expect(driven.live).toMatchObject({
      round: 2,
      definition: { name: "test" },
    });
    expect(driven.state.headSha).toBe(sha("1"));
  });

  it("ends adw_test at once, for nothing there builds", () => {
    const driven = new DrivenRun("adw_test").work(testsFailed());
    expect(driven.state).toMatchObject({
      status: "failed",
      failure: { failureClass: "tests_failed" },
    });
  });

  it("gives the phases of a round their own counters and fences", () => {
    const driven = new DrivenRun().upTo("build");
    driven.claim().lose().pass(1000).work(built("1")).work(testsFailed());
    expect(driven.phase("build")).toMatchObject({
      fence: 2,
      infrastructureLosses: 1,
    });
    expect(driven.phase("build", 2)).toMatchObject({
      fence: 0,
      infrastructureLosses: 0,
      result: null,
    });
  });
});

describe("a failed check in a longer workflow", () => {
  const phase = (name: string, writes: "code" | "nothing") =>
    ({
      name,
      kind: writes === "code" ? "agent" : "commands",
      writes,
      timeoutMinutes: 1,
      stallMinutes: 1,
    }) as const;
  const workflow: WorkflowDefinition = {
    name: "strict",
    version: 1,
    description: "",
    start: "base",
    phases: [
      phase("build", "code"),
      phase("lint", "nothing"),
      phase("test", "nothing"),
    ],
  };

  it("repeats all that followed the build, and counts rounds over all checks", () => {
    const driven = new DrivenRun(workflow, { limits: { maxFixRounds: 2 } })
      .work(built("1"))
      .work(testsFailed())
      .work(built("2"))
      .work()
      .work(testsFailed());
    expect(driven.story).toBe(
      "build:succeeded lint:failed build#2:succeeded lint#2:succeeded test:failed build#3:queued lint#3:pending test#3:pending",
    );
    driven.work(built("3")).work(testsFailed());
    expect(driven.state.failure?.failureClass).toBe("tests_failed");
  });

  it("shows what failed on the code of an earlier run on a pull request, too", () => {
    const phases = [...workflow.phases, phase("polish", "code")];
    const driven = new DrivenRun(
      { ...workflow, phases },
      { startSha: sha("9") },
    )
      .work(noChanges())
      .work(testsFailed());
    expect(driven.live).toMatchObject({ round: 2, status: "queued" });
    expect(driven.effects).toContain("pull_request");
  });

  it("drops what is left of a round that fails early", () => {
    const driven = new DrivenRun(workflow)
      .work(built("1"))
      .work()
      .work(testsFailed())
      .work(built("2"))
      .work(testsFailed());
    expect(driven.story).toBe(
      [
        "build:succeeded lint:succeeded test:failed",
        "build#2:succeeded lint#2:failed test#2:skipped",
        "build#3:queued lint#3:pending test#3:pending",
      ].join(" "),
    );
    driven.work(built("3")).work().work();
    expect(driven.state).toMatchObject({
      status: "completed",
      headSha: sha("3"),
    });
  });

  it("ends when no position is left between the planned phases", () => {
    const driven = new DrivenRun(workflow, {
      limits: { maxFixRounds: 1e9, maxActiveMs: 1e12 },
    }).upTo("lint");
    for (;;) {
      driven.work(testsFailed());
      if (driven.state.status === "failed") break;
      driven.work(built("2"));
    }
    expect(driven.state.failure?.failureClass).toBe("tests_failed");
    // Build and lint 499 times over, before the test at 3000 that never had its turn.
    expect(driven.state.phases).toHaveLength(3 + 2 * 499);
    expect(driven.phase("test")).toMatchObject({
      position: 3000,
      status: "skipped",
    });
    expect(new Set(driven.state.phases.map((p) => p.position)).size).toBe(
      driven.state.phases.length,
    );
  });

  it("is no reason to build when the failure is the build's own", () => {
    const first = new DrivenRun(workflow).work(failed("tests_failed"));
    expect(first.state.status).toBe("failed");
    const later = new DrivenRun(workflow)
      .work(built("1"))
      .work(testsFailed())
      .work(failed("tests_failed"));
    expect(later.state.status).toBe("failed");
  });
});
