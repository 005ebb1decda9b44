import { describe, expect, it } from "@jest/globals";
import { costing, DrivenRun, failed } from "../__fixtures__/driven-run.js";

const unaffordable = (driven: DrivenRun, budgetId: string | null) =>
  driven.send({
    type: "phase_unaffordable",
    position: driven.live.position,
    message: "The day's money is gone.",
    budgetId,
  });

describe("a phase that no money is left for", () => {
  it("waits with its run, and the message says why", () => {
    const driven = unaffordable(new DrivenRun(), "day/*/*");
    expect(driven.state).toMatchObject({
      status: "waiting",
      waiting: {
        reason: "budget",
        budgetId: "day/*/*",
        message: "The day's money is gone.",
        resumeAt: null,
      },
    });
    expect(driven.live.status).toBe("waiting");
    expect(driven.effects).toContain("status_comment");
  });

  it("has its turn again once the shared budget has room", () => {
    const driven = unaffordable(new DrivenRun(), "day/*/*");
    driven.send({ type: "budget_freed" });
    expect(driven.state).toMatchObject({ status: "running", waiting: null });
    expect(driven.claim().live).toMatchObject({ status: "running", fence: 1 });
  });

  it("is not helped by money for the run alone, and the person hears why", () => {
    const driven = unaffordable(
      new DrivenRun(undefined, { limits: { maxUsd: 2 } }),
      "day/*/*",
    );
    const event = { type: "continue_requested", by: "ada", addUsd: 5 } as const;
    expect(driven.refusal(event)).toEqual({
      refused: "budget_spent",
      message:
        "No money was added: it would go to the run's own limit, and the run waits for another budget. The day's money is gone.",
    });
    expect(driven.state.limits.maxUsd).toBe(2);
    expect(driven.continue().live.status).toBe("queued");
  });

  it("waits for a person when the run's own money is spent", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 0 } });
    const { position } = driven.live;
    expect(driven.refusal({ type: "phase_claimed", position }).refused).toBe(
      "budget_spent",
    );
    unaffordable(driven, null);
    expect(driven.refusal({ type: "budget_freed" }).refused).toBe(
      "not_waiting",
    );
    driven.continue(5).claim();
    expect(driven.state.limits.maxUsd).toBe(5);
  });

  it("is not claimed again after a failure that took the last of the money", () => {
    const driven = new DrivenRun(undefined, { limits: { maxUsd: 2 } });
    driven.work(failed("transient", costing(2)));
    driven.passUntil(driven.live.availableAt);
    const { position } = driven.live;
    expect(driven.refusal({ type: "phase_claimed", position }).refused).toBe(
      "budget_spent",
    );
  });

  it("ends as failed for want of money when nobody gives any", () => {
    const driven = unaffordable(new DrivenRun(), "day/*/*");
    driven.passUntil(driven.state.waiting?.deadline).elapse();
    expect(driven.state.failure?.failureClass).toBe("budget");
  });

  it("is a queued one of an agent: no other can be put off so", () => {
    const driven = new DrivenRun().claim();
    const event = {
      type: "phase_unaffordable",
      position: driven.live.position,
      message: "No.",
      budgetId: null,
    } as const;
    expect(driven.refusal(event).refused).toBe("not_claimable");
  });
});

it("a turn that a shared budget stopped goes on when that has room", () => {
  const driven = new DrivenRun().work(
    failed("budget", { budgetId: "day/*/*" }),
  );
  expect(driven.state.waiting?.budgetId).toBe("day/*/*");
  driven.send({ type: "budget_freed" });
  expect(driven.live.status).toBe("queued");
});

it("what a lost attempt is known to have cost counts", () => {
  const driven = new DrivenRun().claim();
  const { position, fence } = driven.live;
  driven.send({
    type: "attempt_lost",
    position,
    fence,
    message: "Silent.",
    costUsd: 0.75,
  });
  expect(driven.state.spentUsd).toBe(0.75);
});
