import { describe, expect, it } from "@jest/globals";
import {
  DrivenRun,
  evidence,
  MINUTE,
  monday,
  pullRequestUrl,
  sha,
  succeeded,
} from "./__fixtures__/driven-run.js";

const classified = succeeded({ classification: "bug", summary: "A bug." });
const planned = succeeded({
  planFile: "specs/issue-7.md",
  commitSha: sha("a"),
  summary: "A plan.",
});
const built = succeeded({ commitSha: sha("b"), summary: "Rounding mended." });
const tested = succeeded({ tests: evidence(0), summary: "" });

describe("a run that goes well", () => {
  it("plans: adw_plan ends with a plan and without a pull request", () => {
    const driven = new DrivenRun("adw_plan").work(classified).work(planned);
    expect(driven.state).toMatchObject({
      status: "completed",
      outcome: "planned",
      classification: "bug",
      planFile: "specs/issue-7.md",
      summary: "A plan.",
      headSha: sha("a"),
      pullRequestUrl: null,
      waiting: null,
      failure: null,
      activeMs: 2 * MINUTE,
    });
  });

  it("builds: adw_build opens a pull request", () => {
    const driven = new DrivenRun("adw_build").work(built);
    expect(driven.story).toBe("build:succeeded publish:running");
    driven.publish();
    expect(driven.state).toMatchObject({
      status: "completed",
      outcome: "pull_request",
      pullRequestUrl,
      headSha: sha("b"),
    });
  });

  it("tests: adw_test goes on from the earlier run's branch and pull request", () => {
    const driven = new DrivenRun("adw_test", {
      startSha: sha("9"),
      planFile: "specs/old.md",
      pullRequestUrl,
    });
    expect(driven.state.headSha).toBe(sha("9"));
    driven.work(tested).publish();
    expect(driven.state).toMatchObject({
      status: "completed",
      outcome: "pull_request",
      headSha: sha("9"),
      planFile: "specs/old.md",
    });
  });

  it("plans and builds: adw_plan_build publishes what was not tested", () => {
    const driven = new DrivenRun("adw_plan_build")
      .work(classified)
      .work(planned)
      .work(built)
      .publish();
    expect(driven.state).toMatchObject({
      status: "completed",
      outcome: "pull_request",
    });
    expect(driven.story).toBe(
      "classify:succeeded plan:succeeded build:succeeded publish:succeeded",
    );
  });

  it("plans, builds and tests: every phase has its turn, one after the other", () => {
    const driven = new DrivenRun();
    expect(driven.state).toMatchObject({ status: "pending", startedAt: null });
    const stories: string[] = [];
    for (const result of [classified, planned, built, tested]) {
      stories.push(driven.story);
      driven.work(result);
    }
    stories.push(driven.story);
    driven.publish();
    expect(stories).toEqual([
      "classify:queued plan:pending build:pending test:pending publish:pending",
      "classify:succeeded plan:queued build:pending test:pending publish:pending",
      "classify:succeeded plan:succeeded build:queued test:pending publish:pending",
      "classify:succeeded plan:succeeded build:succeeded test:queued publish:pending",
      "classify:succeeded plan:succeeded build:succeeded test:succeeded publish:running",
    ]);
    expect(driven.state).toMatchObject({
      status: "completed",
      summary: "Rounding mended.",
      startedAt: monday,
      endedAt: driven.now,
      activeMs: 4 * MINUTE,
    });
  });

  it("shows each step where people look, and no more than that", () => {
    const driven = new DrivenRun();
    driven.claim();
    expect(driven.effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
    expect(driven.finish(classified).effects).toEqual(["status_comment"]);
    expect(driven.claim().effects).toEqual(["status_comment"]);
    expect(driven.finish(planned).effects).toEqual([
      "status_comment",
      "commit_status",
    ]);
    // The draft opens after build, the evidence follows, then it is made ready.
    expect(driven.work(built).effects).toContain("pull_request");
    expect(driven.work(tested).effects).toContain("pull_request");
    expect(driven.publish().effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
  });
});

describe("claiming a phase", () => {
  it("raises the fence and starts the run's clock", () => {
    const driven = new DrivenRun().pass(MINUTE).claim();
    expect(driven.live).toMatchObject({ fence: 1, startedAt: driven.now });
    expect(driven.state).toMatchObject({
      status: "running",
      startedAt: driven.now,
    });
  });

  it("is refused while another owner has the phase", () => {
    const driven = new DrivenRun().claim();
    const again = { type: "phase_claimed", position: 1000 } as const;
    expect(driven.refusal(again).refused).toBe("not_claimable");
  });

  it("is refused before the phase's turn, for unknown phases and for built-in ones", () => {
    const driven = new DrivenRun("adw_build");
    const claim = (position: number) =>
      driven.refusal({ type: "phase_claimed", position }).refused;
    expect(claim(2000)).toBe("not_claimable");
    expect(claim(1500)).toBe("no_such_phase");
    driven.work(built);
    expect(driven.live.definition.name).toBe("publish");
    expect(claim(2000)).toBe("not_claimable");
  });

  it("is refused for a built-in phase that stands first, which no definition should have", () => {
    const publish = new DrivenRun("adw_build").phase("publish").definition;
    const driven = new DrivenRun({
      name: "publish_only",
      version: 1,
      description: "",
      start: "previous",
      phases: [publish],
    });
    expect(
      driven.refusal({ type: "phase_claimed", position: 1000 }).message,
    ).toBe("A built-in phase has no owner.");
  });

  it("is refused once the run has ended", () => {
    const driven = new DrivenRun().cancel();
    expect(
      driven.refusal({ type: "phase_claimed", position: 1000 }),
    ).toMatchObject({ refused: "run_ended", message: "The run is cancelled." });
  });
});
