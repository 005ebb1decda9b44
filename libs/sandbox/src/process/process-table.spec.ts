import { expect, test } from "@jest/globals";

import { parseStat } from "./process-table.js";

const REST =
  "1 10 10 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 1000000 77 18446744073709551615";

test("a process cannot hide behind brackets and spaces in its own name", () => {
  const entry = parseStat(`10 (evil) S 999 (x)) S ${REST}`);
  expect(entry).toEqual({
    pid: 10,
    parent: 1,
    group: 10,
    session: 10,
    startTime: 4242,
    residentPages: 77,
    threads: 1,
    gone: false,
  });
});

test("a process that only waits to be collected counts as gone", () => {
  expect(parseStat(`10 (sh) Z ${REST}`)?.gone).toBe(true);
});
