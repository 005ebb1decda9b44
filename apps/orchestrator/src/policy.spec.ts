import { expect, test } from "@jest/globals";
import { defaultGuardPolicy } from "@pullwright/workspace";
import { policyOf } from "./policy.js";

test("without rules of its own a repository has the narrow ones", () => {
  expect(policyOf({ policy: {} })).toEqual({
    cancelOnClose: true,
    guard: defaultGuardPolicy,
  });
});

test("rules add to the guard and never take from it", () => {
  const { guard } = policyOf({
    policy: { guard: { block: ["db/**"], max_files: 10_000 } },
  });
  expect(guard.block).toEqual([...defaultGuardPolicy.block, "db/**"]);
  expect(guard.maxFiles).toBe(defaultGuardPolicy.maxFiles);
  expect(policyOf({ policy: { guard: { max_files: 3 } } }).guard.maxFiles).toBe(
    3,
  );
});

test("malformed rules open nothing", () => {
  expect(
    policyOf({
      policy: {
        cancel_on_close: "no",
        guard: "none",
      },
    }),
  ).toEqual(policyOf({ policy: {} }));
});
