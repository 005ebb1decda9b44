import { describe, expect, it } from "@jest/globals";
import {
  DrivenRun,
  evidence,
  failed,
  MINUTE,
  pullRequestUrl,
  SECOND,
  sha,
  succeeded,
  testsFailed,
} from "../__fixtures__/driven-run.js";
import { publishFenceOf } from "./publish.js";

const published = { type: "published", pullRequestUrl } as const;

const publishing = (): DrivenRun =>
  new DrivenRun("adw_build").work(succeeded({ commitSha: sha("b") }));

describe("publishing", () => {
  it("begins by itself, without an owner", () => {
    const driven = publishing();
    expect(driven.live).toMatchObject({
      status: "running",
      fence: 1,
      startedAt: driven.now,
    });
    expect(driven.effects).toEqual([
      "status_comment",
      "pull_request",
      "commit_status",
    ]);
  });

  it("is done once: the second report changes nothing", () => {
    const driven = publishing().publish();
    expect(driven.phase("publish").result).toEqual(
      succeeded({ summary: pullRequestUrl }),
    );
    expect(driven.refusal(published)).toEqual({
      refused: "not_publishing",
      message: "The run is completed and knows its pull request.",
    });
  });

  it("tells what it leaves for a person to do", () => {
    const driven = publishing().send({ ...published, note: "Look at it." });
    expect(driven.state.status).toBe("completed");
    expect(driven.phase("publish").result?.summary).toBe(
      `Look at it. ${pullRequestUrl}`,
    );
  });

  it("notes the draft that opens while the tests still run", () => {
    const driven = new DrivenRun().upTo("test").claim().publish();
    expect(driven.state).toMatchObject({ status: "running", pullRequestUrl });
    expect(driven.effects).toEqual(["status_comment"]);
    expect(driven.live.definition.name).toBe("test");
    expect(driven.refusal(published).refused).toBe("not_publishing");
  });

  it("notes the draft that opens after a run that failed quickly, and nothing else", () => {
    const driven = new DrivenRun("adw_test").work(testsFailed());
    const before = driven.state;
    driven.publish();
    expect(driven.state).toEqual({ ...before, pullRequestUrl });
    expect(driven.effects).toEqual(["status_comment"]);
  });

  it("brings the open draft up to date when the run fails before its tests", () => {
    const driven = new DrivenRun()
      .upTo("build")
      .work(succeeded({ commitSha: sha("b") }))
      .send(published)
      .work(failed("policy"));
    expect(driven.state.status).toBe("failed");
    expect(driven.effects).toContain("pull_request");
  });

  it("notes it while the publish phase waits, and tries again all the same", () => {
    const driven = publishing().failToPublish(failed("quota")).publish();
    expect(driven.state).toMatchObject({ status: "waiting", pullRequestUrl });
    driven.passUntil(driven.state.waiting?.resumeAt).elapse();
    expect(driven.live.status).toBe("running");
  });

  it("is not stopped by the late failure of an earlier publishing", () => {
    const driven = publishing();
    const fence = publishFenceOf(driven.state);
    if (fence === null) throw new Error("the run is not publishing");
    driven
      .failToPublish(failed("transient"))
      .passUntil(driven.state.waiting?.resumeAt)
      .elapse();
    const late = { type: "publish_failed", result: failed("auth") } as const;
    expect(driven.refusal({ ...late, fence }).refused).toBe("stale_fence");
    expect(driven.live.status).toBe("running");
    const now = publishFenceOf(driven.state);
    driven.send(now === null ? late : { ...late, fence: now });
    expect(driven.state.waiting?.reason).toBe("person");
  });

  it("is done only for whoever saw this begin of it; the address is noted all the same", () => {
    const driven = publishing();
    const seen = publishFenceOf(driven.state);
    driven
      .failToPublish(failed("transient"))
      .passUntil(driven.state.waiting?.resumeAt)
      .elapse()
      .send({ ...published, fence: seen });
    expect(driven.state).toMatchObject({ status: "running", pullRequestUrl });
    expect(driven.live.definition.name).toBe("publish");
    expect(driven.effects).toEqual(["status_comment"]);
    expect(driven.refusal({ ...published, fence: seen }).refused).toBe(
      "stale_fence",
    );
    expect(driven.refusal({ ...published, fence: null }).refused).toBe(
      "stale_fence",
    );
    driven.send({ ...published, fence: publishFenceOf(driven.state) });
    expect(driven.state.status).toBe("completed");
  });

  it("tells the begins of two executions apart", () => {
    const driven = publishing();
    const seen = publishFenceOf(driven.state);
    driven.cancel().retry("publish");
    expect(publishFenceOf(driven.state)).toEqual({ ...seen, execution: 2 });
    driven.send({ ...published, fence: seen });
    expect(driven.state.status).toBe("running");
  });

  it("leaves the pull request a draft when the tests fail", () => {
    const driven = new DrivenRun("adw_test", { pullRequestUrl });
    driven.work(testsFailed());
    expect(driven.phase("publish").status).toBe("skipped");
    expect(driven.effects).toContain("pull_request");
    expect(driven.phase("test").result?.tests).toEqual(evidence(1));
  });
});

describe("failing to publish", () => {
  it("waits and tries again when the failure passes", () => {
    const driven = publishing().failToPublish(failed("transient"));
    expect(driven.state).toMatchObject({
      status: "waiting",
      waiting: {
        reason: "dependency",
        message: "It failed: transient.",
        resumeAt: new Date(driven.now.getTime() + 10 * SECOND),
      },
    });
    driven.pass(10 * SECOND).elapse();
    expect(driven.live).toMatchObject({ status: "running", fence: 2 });
    expect(driven.effects).toContain("pull_request");
    expect(driven.publish().state.status).toBe("completed");
  });

  it("ends the run when trying again does not help", () => {
    const driven = publishing();
    for (let attempt = 1; attempt <= 3; attempt += 1)
      driven
        .failToPublish(failed("transient"))
        .passUntil(driven.state.waiting?.resumeAt)
        .elapse();
    driven.failToPublish(failed("transient"));
    expect(driven.state).toMatchObject({
      status: "failed",
      failure: { failureClass: "transient", phase: "publish" },
    });
  });

  it("waits for the rate limit, or for a person where the token is refused", () => {
    expect(
      publishing().failToPublish(failed("quota")).state.waiting?.reason,
    ).toBe("quota");
    const driven = publishing().failToPublish(failed("auth"));
    expect(driven.state.waiting?.reason).toBe("person");
    expect(driven.continue().live.status).toBe("running");
  });

  it.each(["policy", "conflict", "invalid_input"] as const)(
    "ends the run when the class is %s",
    (failureClass) => {
      const driven = publishing().failToPublish(failed(failureClass));
      expect(driven.state.failure).toMatchObject({
        failureClass,
        phase: "publish",
      });
    },
  );

  it("is refused while nothing is being published", () => {
    const driven = new DrivenRun("adw_build");
    const event = {
      type: "publish_failed",
      result: failed("transient"),
    } as const;
    expect(driven.refusal(event).refused).toBe("not_publishing");
    driven.work().pass(MINUTE).publish();
    expect(driven.refusal(event).refused).toBe("run_ended");
  });
});
