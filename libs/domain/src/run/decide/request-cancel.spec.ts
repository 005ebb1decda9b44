import { describe, expect, it } from "@jest/globals";
import {
  DrivenRun,
  failed,
  MINUTE,
  sha,
  succeeded,
} from "../__fixtures__/driven-run.js";

const cancel = { type: "cancel_requested", by: "bob", reason: null } as const;

describe("a cancel", () => {
  it.each([
    ["pending", new DrivenRun()],
    ["queued between phases", new DrivenRun().upTo("build")],
    ["backing off", new DrivenRun().work(failed("transient"))],
    ["waiting", new DrivenRun().work(failed("auth"))],
    ["publishing", new DrivenRun("adw_build").work()],
  ])("takes effect at once while the run is %s", (_when, driven) => {
    driven.cancel("not needed");
    expect(driven.state).toMatchObject({
      status: "cancelled",
      waiting: null,
      cancelRequest: { by: "ada", reason: "not needed", at: driven.now },
      endedAt: driven.now,
      failure: null,
    });
    expect(driven.story).not.toMatch(/queued|running|waiting|pending/);
    expect(driven.effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
  });

  it("waits for the owner while a phase is worked on", () => {
    const driven = new DrivenRun().upTo("build").claim().cancel();
    expect(driven.state).toMatchObject({
      status: "running",
      cancelRequest: { by: "ada" },
    });
    expect(driven.live.status).toBe("running");
    expect(driven.effects).toEqual(["status_comment"]);

    driven.pass(MINUTE).finish(failed("cancelled"));
    expect(driven.state.status).toBe("cancelled");
    expect(driven.story).toBe(
      "classify:succeeded plan:succeeded build:cancelled test:cancelled publish:cancelled",
    );
  });

  it("keeps what the owner pushed just before it heard of it", () => {
    const driven = new DrivenRun().upTo("build").claim().cancel();
    driven.finish(succeeded({ commitSha: sha("b") }));
    expect(driven.state).toMatchObject({
      status: "cancelled",
      headSha: sha("b"),
    });
    expect(driven.phase("build").status).toBe("succeeded");
    driven.retry("test");
    expect(driven.state.headSha).toBe(sha("b"));
  });

  it("ends the run when the owner is lost instead of trying again", () => {
    const driven = new DrivenRun().claim().cancel().lose();
    expect(driven.state.status).toBe("cancelled");
    expect(driven.phase("classify").status).toBe("cancelled");
  });

  it("ends the run whatever failure the owner reports", () => {
    const driven = new DrivenRun().claim().cancel().finish(failed("transient"));
    expect(driven.state).toMatchObject({ status: "cancelled", failure: null });
  });

  it("is asked once", () => {
    const driven = new DrivenRun().claim().cancel();
    expect(driven.refusal(cancel).refused).toBe("already_requested");
  });

  it.each([
    ["completed", new DrivenRun("adw_plan").work().work()],
    ["failed", new DrivenRun().work(failed("policy"))],
    ["cancelled", new DrivenRun().cancel()],
  ])("changes nothing once the run is %s", (status, driven) => {
    expect(driven.refusal(cancel)).toEqual({
      refused: "run_ended",
      message: `The run is already ${status}.`,
    });
  });

  it("is not what an owner says by itself: its attempt is made again, as when the runner was lost", () => {
    const driven = new DrivenRun().work(failed("cancelled"));
    expect(driven.state).toMatchObject({
      status: "running",
      cancelRequest: null,
    });
    expect(driven.phase("classify")).toMatchObject({
      status: "queued",
      infrastructureLosses: 1,
    });
    for (let n = 0; n < 4; n += 1)
      driven.pass(MINUTE).work(failed("cancelled"));
    expect(driven.state).toMatchObject({
      status: "waiting",
      waiting: {
        reason: "person",
        message: expect.stringContaining("nobody had asked"),
      },
    });
  });
});
