import { describe, expect, it } from "@jest/globals";
import { DrivenRun } from "./__fixtures__/driven-run.js";
import { changePhase, changeRun, IllegalTransition } from "./change-phase.js";

describe("changing a run", () => {
  const { state } = new DrivenRun();

  it("is refused by an exception where the tables forbid it, for then the core is wrong", () => {
    expect(() => changeRun(state, { status: "completed" })).toThrow(
      new IllegalTransition("run: pending → completed"),
    );
    expect(() => changePhase(state, 1000, { status: "succeeded" })).toThrow(
      new IllegalTransition("phase classify: queued → succeeded"),
    );
  });

  it("shares the phases that it leaves alone", () => {
    const changed = changePhase(state, 1000, { status: "running" });
    expect(changed.phases[0]).not.toBe(state.phases[0]);
    expect(changed.phases.slice(1)).toEqual(state.phases.slice(1));
    changed.phases.slice(1).forEach((phase, index) => {
      expect(phase).toBe(state.phases[index + 1]);
    });
  });
});
