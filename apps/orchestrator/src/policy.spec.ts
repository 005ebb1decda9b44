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

test("the guard's rules are all that a repository may set", () => {
  const { guard } = policyOf({
    policy: {
      guard: {
        review: ["api/**"],
        max_files: 3,
        max_file_bytes: 4,
        max_total_bytes: 5,
      },
    },
  });
  expect(guard).toEqual({
    ...defaultGuardPolicy,
    review: [...defaultGuardPolicy.review, "api/**"],
    maxFiles: 3,
    maxFileBytes: 4,
    maxTotalBytes: 5,
  });
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
  expect(
    policyOf({
      policy: { guard: { block: ["db/**", 7], max_files: "3", review: {} } },
    }).guard,
  ).toEqual({
    ...defaultGuardPolicy,
    block: [...defaultGuardPolicy.block, "db/**"],
  });
});
