import { describe, expect, it } from "@jest/globals";
import { costing, DrivenRun, failed } from "../__fixtures__/driven-run.js";

describe("a continue", () => {
  it("ends a wait for a person, and failed attempts count anew", () => {
    const driven = new DrivenRun();
    for (let loss = 1; loss <= 5; loss += 1)
      driven.passUntil(driven.live.availableAt).claim().lose();
    expect(driven.live.infrastructureLosses).toBe(5);
    driven.continue();
    expect(driven.state).toMatchObject({ status: "running", waiting: null });
    expect(driven.live).toMatchObject({
      status: "queued",
      availableAt: driven.now,
      infrastructureLosses: 0,
      failedAttempts: 0,
      fence: 5,
    });
    expect(driven.effects).toEqual([
      "status_comment",
      "labels",
      "commit_status",
    ]);
    driven.claim();
    expect(driven.live.fence).toBe(6);
  });

  it("cuts a wait for quota short", () => {
    const driven = new DrivenRun().work(failed("quota")).continue();
    expect(driven.live.status).toBe("queued");
  });

  it("adds money to a limit", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 2 } });
    driven.work(failed("budget", costing(2.5)));
    const { limits } = driven.continue(5).state;
    expect(limits.maxUsd).toBe(7);
    expect(driven.live.status).toBe("queued");
  });

  it("is refused without enough money while the run waits for some", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 2 } });
    driven.work(failed("budget", costing(2.5)));
    for (const addUsd of [0, 0.5, -5, Number.NaN, Infinity]) {
      expect(
        driven.refusal({ type: "continue_requested", by: "ada", addUsd })
          .refused,
      ).toBe("budget_spent");
    }
    expect(driven.state.waiting?.reason).toBe("budget");
  });

  it("leads from one wait to the next when the money is spent as well", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 2 } });
    driven.work(failed("auth", costing(2.5)));
    expect(driven.state.waiting?.reason).toBe("person");
    expect(driven.continue().state.waiting?.reason).toBe("budget");
    expect(driven.live.status).toBe("waiting");
  });

  it.each([-1, Number.NaN, Infinity])(
    "takes no money away and adds none when the sum is %d",
    (addUsd) => {
      const driven = new DrivenRun(undefined, { limits: { maxUsd: 2 } });
      driven.work(failed("auth")).continue(addUsd);
      expect(driven.state.limits.maxUsd).toBe(2);
      expect(driven.live.status).toBe("queued");
    },
  );

  it("needs no money when the agent stopped at a budget of its own", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 2 } });
    driven.work(failed("budget")).continue();
    expect(driven.live.status).toBe("queued");
    expect(driven.state.limits.maxUsd).toBe(2);
  });

  it("sets no limit where there was none", () => {
    const driven = new DrivenRun().work(failed("auth")).continue(5);
    expect(driven.state.limits.maxUsd).toBeNull();
  });

  it("gives a run that works its money at once", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 2 } }).claim();
    driven.continue(5);
    expect(driven.state.limits.maxUsd).toBe(7);
    expect(driven.live).toMatchObject({ status: "running", fence: 1 });
    expect(
      driven.refusal({ type: "continue_requested", by: "ada", addUsd: 0 })
        .refused,
    ).toBe("not_waiting");
  });

  it("lets a queued phase ask all agents of its route again", () => {
    const driven = new DrivenRun(undefined, {
      agentRoute: ["claude", "codex"],
    }).work(failed("auth", { agent: "claude" }));
    const { availableAt } = driven.live;
    driven.pass(1).continue();
    expect(driven.live).toMatchObject({
      status: "queued",
      availableAt,
      setbacks: [],
    });
    expect(driven.effects).toEqual(["status_comment"]);
    expect(
      driven.refusal({ type: "continue_requested", by: "ada", addUsd: 0 })
        .refused,
    ).toBe("not_waiting");
  });

  it("is refused while a run without a limit does not wait", () => {
    const driven = new DrivenRun().claim();
    const event = { type: "continue_requested", by: "ada", addUsd: 5 } as const;
    expect(driven.refusal(event)).toEqual({
      refused: "not_waiting",
      message: "The run is running, it does not wait.",
    });
    driven.cancel().lose();
    expect(driven.refusal(event).refused).toBe("not_waiting");
  });
});
