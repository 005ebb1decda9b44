import { describe, expect, it } from "@jest/globals";
import {
  agentErrorClasses,
  agentStops,
  type AgentFinished,
} from "@pullwright/contracts";
import { failureClasses } from "@pullwright/domain";
import {
  failureByErrorClass,
  failureByStop,
  toPhaseFailure,
} from "./phase-failure.js";

const finished = (over: Partial<AgentFinished>): AgentFinished => ({
  type: "finished",
  outcome: "failed",
  denials: [],
  usage: null,
  ...over,
});
const error = (errorClass: (typeof agentErrorClasses)[number]) => ({
  class: errorClass,
  message: "m",
  http_status: null,
});

describe("an agent's end as the domain sees it", () => {
  it("is no failure when it succeeded", () => {
    expect(
      toPhaseFailure(finished({ outcome: "succeeded", stop: "completed" }), {}),
    ).toBeNull();
  });

  it.each([
    ["auth", "auth"],
    ["rate_limit", "quota"],
    ["server", "transient"],
    ["network", "transient"],
    ["session_not_found", "transient"],
    ["context_overflow", "agent_error"],
    ["invalid_request", "agent_error"],
    ["limit", "agent_error"],
    ["refusal", "agent_error"],
    ["unknown", "agent_error"],
  ] as const)("maps error %s to %s", (errorClass, failureClass) => {
    expect(
      toPhaseFailure(finished({ stop: "error", error: error(errorClass) }), {}),
    ).toEqual({ failureClass, message: "m" });
  });

  it.each([
    ["max_turns", "agent_error"],
    ["budget", "budget"],
    ["killed", "infrastructure"],
    ["cancelled", "infrastructure"],
    ["crashed", "auth"],
    ["error", "auth"],
  ] as const)(
    "lets the stop %s lead to %s, whatever the error",
    (stop, failureClass) => {
      expect(
        toPhaseFailure(finished({ stop, error: error("auth") }), {})
          ?.failureClass,
      ).toBe(failureClass);
    },
  );

  it.each([
    ["timeout", "timeout"],
    ["silence", "stalled"],
    ["cancelled", "cancelled"],
    ["output_cap", "agent_error"],
    ["memory", "agent_error"],
    ["processes", "agent_error"],
    ["spawn_failed", "infrastructure"],
  ] as const)(
    "lets our own stop by %s decide before all else",
    (stoppedBy, failureClass) => {
      const said = finished({ outcome: "succeeded", stop: "completed" });
      expect(toPhaseFailure(said, { stoppedBy })?.failureClass).toBe(
        failureClass,
      );
    },
  );

  it("hands on when a limit ends, and only then", () => {
    const resume_at = "2026-11-21T10:00:00Z";
    const limited = finished({ error: { ...error("rate_limit"), resume_at } });
    expect(toPhaseFailure(limited, {})?.resumeAt).toBe(resume_at);
    expect(
      toPhaseFailure(finished({ error: { ...error("auth"), resume_at } }), {})
        ?.resumeAt,
    ).toBeUndefined();
  });

  it("covers every error class and stop of the model with classes of the domain", () => {
    expect(Object.keys(failureByErrorClass).sort()).toEqual(
      [...agentErrorClasses].sort(),
    );
    expect(Object.keys(failureByStop).sort()).toEqual([...agentStops].sort());
    const used = [
      ...Object.values(failureByErrorClass),
      ...Object.values(failureByStop),
    ].filter((name) => name !== null);
    for (const failureClass of used)
      expect(failureClasses).toContain(failureClass);
  });
});
