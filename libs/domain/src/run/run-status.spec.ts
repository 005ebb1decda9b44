import { describe, expect, it } from "@jest/globals";
import {
  canFollow,
  endedRunStatuses,
  isEnded,
  isLive,
  phaseStatuses,
  phaseTransitions,
  runStatuses,
  runTransitions,
} from "./run-status.js";

function reachable<Status extends string>(
  transitions: Readonly<Record<Status, readonly Status[]>>,
  from: Status,
): Set<Status> {
  const seen = new Set([from]);
  for (const status of seen)
    for (const next of transitions[status]) seen.add(next);
  return seen;
}

describe("the tables", () => {
  it("let every status be reached from the first one", () => {
    expect(reachable(runTransitions, "pending")).toEqual(new Set(runStatuses));
    expect(reachable(phaseTransitions, "pending")).toEqual(
      new Set(phaseStatuses),
    );
  });

  it.each(runStatuses)("let a run that is %s come to every end", (status) => {
    const ends = reachable(runTransitions, status);
    for (const end of endedRunStatuses) expect(ends).toContain(end);
  });

  it.each(phaseStatuses.filter((status) => status !== "pending"))(
    "let a phase that is %s end, or leave it ended",
    (status) => {
      const after = [...reachable(phaseTransitions, status)];
      expect(after.some((next) => phaseTransitions[next].length === 0)).toBe(
        true,
      );
      expect(isLive(status)).toBe(phaseTransitions[status].length > 0);
    },
  );

  it("let an ended run only begin anew", () => {
    for (const status of runStatuses) {
      expect(isEnded(status)).toBe(runTransitions[status].includes("pending"));
      if (isEnded(status)) expect(runTransitions[status]).toEqual(["pending"]);
    }
  });

  it("list no status as its own follower, though staying is allowed", () => {
    for (const status of runStatuses) {
      expect(runTransitions[status]).not.toContain(status);
      expect(canFollow(runTransitions, status, status)).toBe(true);
    }
    expect(canFollow(runTransitions, "completed", "running")).toBe(false);
  });
});
