import { expect, it } from "@jest/globals";
import type { Breaker } from "@pullwright/persistence";
import { usedUp } from "./used-up.js";

const now = new Date("2026-01-05T09:00:00Z");
const breaker = (agent: string, change: Partial<Breaker> = {}): Breaker => ({
  credential: `${agent}:1`,
  agent,
  openUntil: new Date("2026-01-05T10:00:00Z"),
  reason: "limit reached",
  mayTry: false,
  ...change,
});

it("names the agent whose quota comes back first once all that may work are used up", () => {
  const later = breaker("claude", {
    openUntil: new Date("2026-01-05T12:00:00Z"),
  });
  expect(
    usedUp(["claude", "codex"], [breaker("codex"), later], now),
  ).toMatchObject({
    message: "The quota of codex is used up until 2026-01-05T10:00:00.000Z.",
    until: new Date("2026-01-05T10:00:00Z"),
  });
});

it("says nothing while some agent may be asked", () => {
  expect(usedUp(["claude", "codex"], [breaker("claude")], now)).toBeNull();
  const dueNow = breaker("claude", { openUntil: now, mayTry: true });
  expect(usedUp(["claude"], [dueNow], now)).toBeNull();
  expect(usedUp([], [breaker("claude")], now)).toBeNull();
});

it("tells that another phase tries", () => {
  const tried = breaker("claude", { openUntil: now });
  expect(usedUp(["claude"], [tried], now)?.message).toBe(
    "The quota of claude was used up; another phase tries whether it is back.",
  );
});
