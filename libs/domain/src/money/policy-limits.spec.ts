import { expect, test } from "@jest/globals";
import { runLimitUsd } from "./policy-limits.js";

test.each([
  [{}, 5, 5],
  [{}, null, null],
  [{ max_run_usd: 2 }, 5, 2],
  [{ max_run_usd: 0 }, 5, 0],
  [{ max_run_usd: 2 }, null, 2],
  [{ max_run_usd: 9 }, 5, 5],
  [{ max_run_usd: -1 }, 5, 5],
  [{ max_run_usd: "2" }, 5, 5],
  [{ max_run_usd: Number.NaN }, 5, 5],
  [{ max_run_usd: 1e300 }, null, null],
  [{ max_run_usd: null }, null, null],
])("%j narrows %p to %p", (policy, installation, limit) => {
  expect(runLimitUsd(policy, installation)).toBe(limit);
});
