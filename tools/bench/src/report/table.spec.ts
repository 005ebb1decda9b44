import { expect, test } from "@jest/globals";
import type { Row } from "../bench.js";
import { plainTable } from "./table.js";

const row = (change: Partial<Row>): Row => ({
  what: "it",
  against: null,
  ours: 1,
  unit: "ms",
  ratio: null,
  target: null,
  ...change,
});

test("a ratio that misses its target by a little is not shown as if it met it", () => {
  const ratios = [1.5, 1.497, 1.4996, 1.52].map((ratio) =>
    row({ ratio, target: { ratioAtLeast: 1.5 } }),
  );
  expect(plainTable(ratios)).toMatch(
    /1\.50 .*met\n.* 1\.497 .*missed\n.* 1\.4996 .*missed\n.* 1\.52 .*met/,
  );
});

test("nor is a value that is over its bound", () => {
  const values = [50, 50.04, 49.96].map((ours) =>
    row({ ours, target: { valueAtMost: 50 } }),
  );
  expect(plainTable(values)).toMatch(
    / 50\.0 ms .*met\n.* 50\.04 ms .*missed\n.* 49\.96 ms .*met/,
  );
  const count = { ours: 5_000.4, target: { countAtMost: 5_000 } };
  expect(plainTable([row(count)])).toMatch(/ 5,000\.4 ms .*gross/);
});
