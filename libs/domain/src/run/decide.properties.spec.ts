import { describe, expect, it } from "@jest/globals";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { scenario } from "./__fixtures__/arbitrary-run.js";
import { endOf } from "./__fixtures__/end-of-run.js";
import { accepted, play, type Turn } from "./__fixtures__/history.js";
import { agentsLeft, earliestResume, setbacksLeft } from "./agent-route.js";
import { decide } from "./decide.js";
import { publishFenceOf } from "./decide/publish.js";
import { effectKinds, isRefusal, refusalReasons } from "./decision.js";
import { openRun } from "./open-execution.js";
import { failed, monday } from "./__fixtures__/driven-run.js";
import type { RunEvent } from "./run-event.js";
import type { PhaseRunState, RunState } from "./run-state.js";
import {
  canFollow,
  isEnded,
  isLive,
  phaseStatuses,
  phaseTransitions,
  runStatuses,
  runTransitions,
} from "./run-status.js";

const RUNS = 100;

/** Holds for every turn of every scenario. Playing is also the proof that `decide` neither throws nor writes to its input. */
function always(check: (turn: Turn) => void): void {
  fc.assert(
    fc.property(scenario, (played) => {
      play(played).forEach(check);
    }),
    { numRuns: RUNS },
  );
}

const isWorking = ({ status }: PhaseRunState) => status === "running";
const isQueued = ({ status }: PhaseRunState) => status === "queued";

const statusPath = ({ before, event, after }: Turn) =>
  event.type === "retry_requested" && after !== before
    ? ([before.status, "pending", after.status] as const)
    : ([before.status, after.status] as const);

describe("whatever happens to a run", () => {
  it("never has two live phases, and has one exactly while it lives", () => {
    always(({ after }) => {
      const live = after.phases.filter(({ status }) => isLive(status));
      expect(live).toHaveLength(isEnded(after.status) ? 0 : 1);
    });
  });

  it("changes its status along the table only", () => {
    always((turn) => {
      statusPath(turn).reduce((from, to) => {
        expect(`${from} → ${to} ${canFollow(runTransitions, from, to)}`).toBe(
          `${from} → ${to} true`,
        );
        return to;
      });
    });
  });

  it("changes its phases along the table only, and keeps those that ended", () => {
    always(({ before, after }) => {
      if (before.execution !== after.execution) return;
      const wrong = before.phases.filter((phase) => {
        const next = after.phases.find((p) => p.position === phase.position);
        return phaseTransitions[phase.status].length === 0
          ? next !== phase
          : next === undefined ||
              !canFollow(phaseTransitions, phase.status, next.status);
      });
      expect(wrong).toEqual([]);
    });
  });

  it("shares the phases that an event leaves alone, so that only changes are stored", () => {
    always(({ before, after }) => {
      for (const phase of after.phases) {
        const earlier = before.phases.find(
          (p) =>
            p.position === phase.position && p.execution === phase.execution,
        );
        if (earlier !== undefined && earlier !== phase)
          expect(phase).not.toEqual(earlier);
      }
    });
  });

  it("raises a fence by one with every claim and never lowers it", () => {
    always(({ before, event, answer, after }) => {
      if (before.execution !== after.execution) return;
      const rises = before.phases.map((phase) => {
        const next = after.phases.find((p) => p.position === phase.position);
        return (next?.fence ?? NaN) - phase.fence;
      });
      expect(rises.filter((rise) => rise !== 0 && rise !== 1)).toEqual([]);
      if (event.type !== "phase_claimed" || isRefusal(answer)) return;
      const claimed = before.phases.findIndex(
        ({ position }) => position === event.position,
      );
      expect(rises[claimed]).toBe(1);
    });
  });

  it("gives a refused phase to an agent of the route that is left, or waits for the first that comes back", () => {
    always(({ event, answer, after }) => {
      if (isRefusal(answer) || event.type !== "phase_finished") return;
      const { result, position } = event;
      const phase = after.phases.find((one) => one.position === position);
      if (phase === undefined || result.outcome !== "failed") return;
      const refused = phase.setbacks.map(({ agent }) => agent);
      expect(new Set(refused).size).toBe(refused.length);
      if (phase.status === "queued" && refused.length > 0)
        expect(agentsLeft(after.agentRoute, phase)[0]).toBeDefined();
      if (after.waiting?.reason === "quota" && refused.length > 0) {
        expect(agentsLeft(after.agentRoute, phase)).toEqual([]);
        expect(after.waiting.resumeAt).toEqual(earliestResume(phase.setbacks));
      }
    });
  });

  it("gives an agent back to the phase that is queued for the next one, once its moment has come", () => {
    let rerouted = 0;
    always(({ after, now }) => {
      const { position = 0, fence = 0 } = after.phases.find(isWorking) ?? {};
      const refused = decide(
        after,
        {
          type: "phase_finished",
          position,
          fence,
          result: failed("quota", { agent: "codex" }),
        },
        now,
      );
      if (isRefusal(refused)) return;
      const queued = refused.run.phases.find(isQueued);
      const moment = earliestResume(queued?.setbacks ?? []);
      if (queued === undefined || moment === null) return;
      rerouted += 1;
      const answer = decide(refused.run, { type: "wait_elapsed" }, moment);
      if (isRefusal(answer)) throw new Error(answer.message);
      const setbacks = setbacksLeft(queued.setbacks, moment);
      expect(setbacks.length).toBeLessThan(queued.setbacks.length);
      expect(answer.run.phases.find(isQueued)).toEqual({ ...queued, setbacks });
    });
    expect(rerouted).toBeGreaterThan(0);
  });

  it("takes a result once, from the newest fence of the running phase", () => {
    always(({ before, event, answer }) => {
      if (event.type !== "phase_finished" && event.type !== "attempt_lost")
        return;
      const owned = before.phases.some(
        ({ definition, position, fence, status }) =>
          position === event.position &&
          fence === event.fence &&
          status === "running" &&
          definition.kind !== "builtin",
      );
      expect(isRefusal(answer)).toBe(!owned);
    });
  });

  it("waits exactly while its status says so, and never without a deadline ahead", () => {
    always(({ after: { status, waiting, phases } }) => {
      expect(status === "waiting").toBe(waiting !== null);
      expect(phases.some((phase) => phase.status === "waiting")).toBe(
        waiting !== null,
      );
      if (waiting === null) return;
      expect(waiting.deadline.getTime()).toBeGreaterThan(
        waiting.since.getTime(),
      );
      if (waiting.resumeAt !== null) {
        expect(waiting.resumeAt >= waiting.since).toBe(true);
        expect(waiting.deadline > waiting.resumeAt).toBe(true);
      }
    });
  });

  it("says why it failed exactly when it failed, and what came of it exactly when it completed", () => {
    always(({ after: { status, failure, outcome, endedAt, startedAt } }) => {
      expect(failure !== null).toBe(status === "failed");
      expect(outcome !== null).toBe(status === "completed");
      expect(endedAt !== null).toBe(isEnded(status));
      if (status === "running") expect(startedAt).not.toBeNull();
    });
  });

  it("publishes for whoever saw it publishing, and learns the address in any case", () => {
    always(({ before, event, after }) => {
      if (event.type !== "published") return;
      expect(after.pullRequestUrl).toBe(event.pullRequestUrl);
      const fence = publishFenceOf(before);
      if (fence === null || !isDeepStrictEqual(fence, event.fence))
        expect(after.phases).toEqual(before.phases);
      else
        expect(
          after.phases.find(({ position }) => position === fence.position),
        ).toMatchObject({ status: "succeeded" });
    });
  });

  it("stays as it ended but for a retry and the address of a late pull request", () => {
    always(({ before, event, after }) => {
      if (!isEnded(before.status) || after === before) return;
      if (event.type === "published") {
        const { pullRequestUrl } = event;
        expect(after).toEqual({ ...before, pullRequestUrl });
        return;
      }
      expect(event.type).toBe("retry_requested");
      expect(after.execution).toBe(before.execution + 1);
    });
  });

  it("numbers its phases uniquely and in order, all of the current execution", () => {
    always(({ after: { phases, execution } }) => {
      const positions = phases.map((phase) => phase.position);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
      expect(phases.filter((p) => p.execution !== execution)).toEqual([]);
    });
  });

  it("has its phases end in order: none begins before the one ahead of it ended", () => {
    always(({ after: { phases } }) => {
      const live = phases.findIndex(({ status }) => isLive(status));
      const pending = phases.map(({ status }) => status === "pending");
      expect(pending).toEqual(
        phases.map((_phase, index) => live >= 0 && index > live),
      );
    });
  });

  it("never counts time or money down within an execution, nor money ever", () => {
    always(({ before, after }) => {
      expect(after.spentUsd).toBeGreaterThanOrEqual(before.spentUsd);
      if (before.execution === after.execution)
        expect(after.activeMs).toBeGreaterThanOrEqual(before.activeMs);
    });
  });

  it("builds in at most as many further rounds as its limit says", () => {
    always(({ after: { phases, limits } }) => {
      const rounds = phases.map(({ round }) => round);
      expect(Math.max(...rounds)).toBeLessThanOrEqual(1 + limits.maxFixRounds);
    });
  });

  it("asks for no effect twice in one decision and gives every refusal a sentence", () => {
    always(({ answer }) => {
      if (isRefusal(answer)) {
        expect(refusalReasons).toContain(answer.refused);
        expect(answer.message).toMatch(/^\S.*\.$/s);
        return;
      }
      expect(answer.effects.length).toBeGreaterThan(0);
      expect(new Set(answer.effects).size).toBe(answer.effects.length);
      expect(effectKinds).toEqual(expect.arrayContaining([...answer.effects]));
    });
  });

  it("shows every change of its status in the comment, the labels and the commit's status", () => {
    always(({ before, answer }) => {
      if (isRefusal(answer)) return;
      expect(answer.effects).toContain("status_comment");
      if (answer.run.status === before.status) return;
      expect(answer.effects).toEqual(
        expect.arrayContaining(["labels", "commit_status"]),
      );
    });
  });

  it("can be ended by a cancel at any moment", () => {
    always(({ after, now }) => {
      if (isEnded(after.status)) return;
      expect(endOf(after, now, "cancel")).toBe("cancelled");
    });
  });

  it("comes to an end by itself when every attempt succeeds and nobody answers", () => {
    always(({ after, now }) => {
      if (isEnded(after.status)) return;
      expect(["completed", "failed", "cancelled"]).toContain(
        endOf(after, now, "succeed"),
      );
    });
  });

  it("comes to an end by itself whatever keeps going wrong", () => {
    fc.assert(
      fc.property(
        scenario,
        fc.constantFrom(
          "lose" as const,
          "quota" as const,
          "transient" as const,
          "tests_failed" as const,
        ),
        (played, trouble) => {
          const last = play(played).at(-1);
          if (last === undefined || isEnded(last.after.status)) return;
          expect(["failed", "cancelled", "completed"]).toContain(
            endOf(last.after, last.now, trouble),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is the same when its events are told again, from JSON as well", () => {
    fc.assert(
      fc.property(scenario, (played) => {
        const turns = accepted(play(played));
        const told = JSON.stringify(
          turns.map(({ event, now }) => ({ event, now })),
        );
        const replayed = (
          JSON.parse(told) as { event: RunEvent; now: string }[]
        ).reduce<RunState>(
          (run, { event, now }) => {
            const answer = decide(run, event, new Date(now));
            if (isRefusal(answer)) throw new Error(answer.message);
            return answer.run;
          },
          openRun(played.request, monday),
        );
        // Compared as it is stored: JSON knows no NaN and no absent keys.
        expect(JSON.stringify(replayed)).toBe(
          JSON.stringify(
            turns.at(-1)?.after ?? openRun(played.request, monday),
          ),
        );
      }),
      { numRuns: RUNS },
    );
  });
});

describe("the scenarios", () => {
  it("meet every status, every line of the tables, every refusal and every reason to wait that the core knows", () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(scenario, (played) => {
        for (const turn of play(played)) {
          const { before, after, answer } = turn;
          met.add(`run is ${after.status}`);
          if (isRefusal(answer)) met.add(`refused: ${answer.refused}`);
          if (after.waiting !== null) met.add(`waits: ${after.waiting.reason}`);
          statusPath(turn).reduce((from, to) => {
            met.add(`run: ${from} → ${to}`);
            return to;
          });
          for (const { position, status } of after.phases) {
            met.add(`phase is ${status}`);
            const earlier = before.phases.find((p) => p.position === position);
            if (earlier && before.execution === after.execution)
              met.add(`phase: ${earlier.status} → ${status}`);
          }
        }
      }),
      { numRuns: 3_000, seed: 7 },
    );
    const expected = [
      ...runStatuses.map((status) => `run is ${status}`),
      ...phaseStatuses.map((status) => `phase is ${status}`),
      ...edges(runTransitions).map((edge) => `run: ${edge}`),
      ...edges(phaseTransitions).map((edge) => `phase: ${edge}`),
      // What another version wrote is in no scenario of ours; rolling-upgrade.spec.ts has it.
      ...refusalReasons
        .filter((reason) => reason !== "newer_version")
        .map((reason) => `refused: ${reason}`),
      ...["quota", "budget", "person", "dependency"].map(
        (reason) => `waits: ${reason}`,
      ),
    ];
    expect(expected.filter((line) => !met.has(line))).toEqual([]);
  });
});

function edges(
  transitions: Readonly<Record<string, readonly string[]>>,
): string[] {
  return Object.entries(transitions).flatMap(([from, followers]) =>
    followers.map((to) => `${from} → ${to}`),
  );
}
