import { describe, expect, it } from "@jest/globals";
import {
  MAX_ATTEMPTS,
  PERSON_DEADLINE_MS,
} from "../../failure/failure-table.js";
import {
  costing,
  DAY,
  DrivenRun,
  failed,
  HOUR,
  MINUTE,
  SECOND,
  sha,
  succeeded,
  testsFailed,
} from "../__fixtures__/driven-run.js";

describe("a failure that passes", () => {
  it("is tried again after a back-off that grows", () => {
    const driven = new DrivenRun();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      driven.work(failed("transient"));
      expect(driven.live).toMatchObject({
        status: "queued",
        endedAt: null,
        failedAttempts: attempt,
      });
      waits.push(driven.live.availableAt.getTime() - driven.now.getTime());
      const early = { type: "phase_claimed", position: 1000 } as const;
      expect(driven.refusal(early).refused).toBe("not_yet");
      driven.passUntil(driven.live.availableAt);
    }
    expect(waits).toEqual([10 * SECOND, 30 * SECOND, 90 * SECOND]);
    driven.work(failed("transient"));
    expect(driven.state).toMatchObject({
      status: "failed",
      failure: { failureClass: "transient", phase: "classify" },
    });
    expect(driven.phase("classify").result).toEqual(failed("transient"));
  });

  it.each(["timeout", "stalled", "agent_error"] as const)(
    "is tried once more when the class is %s",
    (failureClass) => {
      const driven = new DrivenRun().work(failed(failureClass)).pass(MINUTE);
      expect(driven.live.status).toBe("queued");
      driven.work(failed(failureClass));
      expect(driven.state.failure?.failureClass).toBe(failureClass);
    },
  );

  it("keeps the run running, so that only the comment changes", () => {
    const driven = new DrivenRun().work(failed("agent_error"));
    expect(driven.state.status).toBe("running");
    expect(driven.effects).toEqual(["status_comment"]);
  });
});

describe("lost attempts", () => {
  it("have a budget of their own, apart from the agent's failures", () => {
    const driven = new DrivenRun();
    for (let loss = 1; loss <= 4; loss += 1)
      driven.claim().lose().passUntil(driven.live.availableAt);
    driven.work(failed("agent_error")).passUntil(driven.live.availableAt);
    expect(driven.live).toMatchObject({
      status: "queued",
      infrastructureLosses: 4,
      failedAttempts: 1,
      fence: 5,
    });
  });

  it("end in a question to a person when the work kills every runner", () => {
    const driven = new DrivenRun();
    for (let loss = 1; loss <= 5; loss += 1) {
      driven.passUntil(driven.live.availableAt).claim().lose();
    }
    expect(driven.state).toMatchObject({
      status: "waiting",
      waiting: {
        reason: "person",
        message: "The runner fell silent.",
        since: driven.now,
        resumeAt: null,
        deadline: new Date(driven.now.getTime() + PERSON_DEADLINE_MS),
      },
    });
    expect(driven.live.status).toBe("waiting");
    expect(driven.effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
  });

  it("count the time they took", () => {
    const driven = new DrivenRun()
      .claim()
      .pass(2 * MINUTE)
      .lose();
    expect(driven.state.activeMs).toBe(2 * MINUTE);
  });
});

describe("a phase that its owner hands over", () => {
  const handedOver = failed("infrastructure", { handedOver: true });

  it("begins again at once, on nobody's budget", () => {
    const driven = new DrivenRun().upTo("build");
    for (let stop = 1; stop <= 6; stop += 1) driven.work(handedOver);
    expect(driven.live).toMatchObject({
      definition: { name: "build" },
      status: "queued",
      availableAt: driven.now,
      infrastructureLosses: 0,
      failedAttempts: 0,
      fence: 6,
    });
  });

  it("ends with the run when a person asked for that meanwhile", () => {
    const driven = new DrivenRun().claim().cancel();
    driven.finish(handedOver);
    expect(driven.state.status).toBe("cancelled");
  });
});

describe("a used-up quota", () => {
  const parkedFor = (resumeAt?: string): number => {
    const driven = new DrivenRun().work(
      failed("quota", resumeAt === undefined ? {} : { resumeAt }),
    );
    const { waiting } = driven.state;
    expect(driven.state.status).toBe("waiting");
    expect(waiting?.reason).toBe("quota");
    return (waiting?.resumeAt?.getTime() ?? NaN) - driven.now.getTime();
  };

  it("lets the run wait until the moment the provider names", () => {
    expect(parkedFor("2026-01-05T13:01:00Z")).toBe(4 * HOUR);
    expect(parkedFor("2026-01-09T09:01:00Z")).toBe(4 * DAY);
  });

  it.each([
    undefined,
    "",
    "soon",
    "2026-01-05T08:00:00Z",
    "9999-12-31T23:59:59Z",
    "+275760-09-13T00:00:00.001Z",
  ])("lets it wait a quarter of an hour when the moment is %j", (named) => {
    expect(parkedFor(named)).toBe(15 * MINUTE);
  });

  it("goes on by itself, not before, and loses nothing", () => {
    const driven = new DrivenRun().upTo("build").work(failed("quota"));
    expect(driven.refusal({ type: "wait_elapsed" }).refused).toBe("not_yet");
    expect(
      driven.refusal({
        type: "phase_claimed",
        position: driven.live.position,
      }).refused,
    ).toBe("run_waiting");
    driven.passUntil(driven.state.waiting?.resumeAt).elapse();
    expect(driven.state).toMatchObject({ status: "running", waiting: null });
    expect(driven.live).toMatchObject({
      status: "queued",
      failedAttempts: 0,
      definition: { name: "build" },
    });
    expect(driven.effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
  });

  it("keeps the deadline behind the moment named", () => {
    const driven = new DrivenRun().work(
      failed("quota", { resumeAt: "2026-01-09T09:01:00Z" }),
    );
    expect(driven.state.waiting?.deadline).toEqual(
      new Date("2026-01-10T09:01:00Z"),
    );
  });

  it("ends the run when it never comes back", () => {
    const driven = new DrivenRun();
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt += 1) {
      driven.claim().finish(failed("quota"));
      driven.passUntil(driven.state.waiting?.resumeAt).elapse();
    }
    driven.claim().finish(failed("quota"));
    expect(driven.state).toMatchObject({
      status: "failed",
      failure: { failureClass: "quota" },
    });
  });
});

describe("a failure that only a person can mend", () => {
  it("lets the run wait for one when the credentials are refused", () => {
    const driven = new DrivenRun().work(failed("auth"));
    expect(driven.state.waiting).toMatchObject({
      reason: "person",
      message: "It failed: auth.",
      resumeAt: null,
    });
  });

  it("lets it wait for money when the agent stopped at its budget, whatever moment is named", () => {
    const driven = new DrivenRun().work(
      failed("budget", { resumeAt: "2026-01-05T13:01:00Z" }),
    );
    expect(driven.state.waiting).toMatchObject({
      reason: "budget",
      resumeAt: null,
    });
  });

  it.each(["conflict", "policy", "invalid_input"] as const)(
    "ends the run at once when the class is %s",
    (failureClass) => {
      const driven = new DrivenRun().upTo("build").work(failed(failureClass));
      expect(driven.state).toMatchObject({
        status: "failed",
        failure: {
          failureClass,
          message: `It failed: ${failureClass}.`,
          phase: "build",
        },
        endedAt: driven.now,
      });
      expect(driven.story).toBe(
        "classify:succeeded plan:succeeded build:failed test:skipped publish:skipped",
      );
    },
  );
});

describe("the run's minutes", () => {
  const limits = { maxActiveMs: 3 * MINUTE };

  it("end the run instead of another attempt", () => {
    const driven = new DrivenRun(undefined, { limits }).upTo("build");
    driven.work(failed("transient"));
    expect(driven.state).toMatchObject({
      status: "failed",
      failure: {
        failureClass: "timeout",
        message: "The run used its 3 minutes of work. It failed: transient.",
        phase: "build",
      },
    });
    expect(driven.phase("build").result).toEqual(failed("transient"));
  });

  it.each(["quota", "auth"] as const)(
    "end the run instead of a wait that leads nowhere (%s)",
    (failureClass) => {
      const driven = new DrivenRun(undefined, { limits }).upTo("build");
      driven.work(failed(failureClass));
      expect(driven.state.failure?.failureClass).toBe("timeout");
    },
  );

  it("end the run instead of another round, with the evidence", () => {
    const driven = new DrivenRun(undefined, {
      limits: { maxActiveMs: 4 * MINUTE },
    })
      .upTo("test")
      .work(testsFailed());
    expect(driven.state.failure?.failureClass).toBe("timeout");
    expect(driven.story).not.toContain("#2");
    expect(driven.effects).toContain("pull_request");
  });

  it("end the run before the next phase begins", () => {
    const driven = new DrivenRun(undefined, { limits }).upTo("build").work();
    expect(driven.state.failure).toEqual({
      failureClass: "timeout",
      message: "The run used its 3 minutes of work.",
      phase: "test",
    });
    expect(driven.story).toBe(
      "classify:succeeded plan:succeeded build:succeeded test:skipped publish:skipped",
    );
  });

  it("leave a failure that ends the run anyway its own class", () => {
    const driven = new DrivenRun(undefined, { limits }).upTo("build");
    driven.work(failed("policy"));
    expect(driven.state.failure?.failureClass).toBe("policy");
  });

  it("do not hinder publishing", () => {
    const driven = new DrivenRun("adw_build", {
      limits: { maxActiveMs: MINUTE },
    }).work();
    expect(driven.story).toBe("build:succeeded publish:running");
    driven.failToPublish(failed("transient"));
    expect(driven.state.status).toBe("waiting");
  });

  it("do not count while the run waits", () => {
    const driven = new DrivenRun().work(failed("quota"));
    driven.passUntil(driven.state.waiting?.resumeAt).elapse().work();
    expect(driven.state.activeMs).toBe(2 * MINUTE);
  });
});

describe("the run's money", () => {
  it("holds the next agent once it is spent, until a person adds some", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 1 } })
      .work(succeeded(costing(0.4)))
      .work(succeeded(costing(0.6)));
    expect(driven.state).toMatchObject({
      status: "waiting",
      waiting: {
        reason: "budget",
        message:
          "The run spent $1.00 of its $1.00; add money to go on, such as `/continue +5`.",
      },
    });
    expect(driven.live).toMatchObject({
      status: "waiting",
      definition: { name: "build" },
    });
    driven.continue(2);
    expect(driven.live.status).toBe("queued");
    expect(driven.state.limits.maxUsd).toBe(3);
  });

  it("does not hold tests and publishing, which cost none", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 1 } })
      .upTo("build")
      .work(succeeded({ ...costing(5), commitSha: sha("b") }))
      .work()
      .publish();
    expect(driven.state.status).toBe("completed");
  });

  it("holds the build of a further round", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 1 } })
      .upTo("build")
      .work(succeeded(costing(1)))
      .work(testsFailed());
    expect(driven.live).toMatchObject({ status: "waiting", round: 2 });
    expect(driven.effects).toEqual(
      expect.arrayContaining(["pull_request", "labels"]),
    );
  });
});
