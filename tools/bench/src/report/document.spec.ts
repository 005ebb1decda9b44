import { expect, test } from "@jest/globals";
import { format } from "prettier";
import type { Row } from "../bench.js";
import { renderDocument } from "./document.js";

const rows: Row[] = [
  {
    what: "gateway",
    against: { name: "bare node:http", value: 1_289.4 },
    ours: 1_331.2,
    unit: "req/s",
    ratio: 1.03,
    target: { ratioAtLeast: 0.85 },
  },
  {
    what: "workspace",
    against: { name: "git clone", value: 5_800 },
    ours: 1_740,
    unit: "ms",
    ratio: 0.3,
    target: { ratioAtMost: 0.2 },
  },
  {
    what: "p99",
    against: null,
    ours: 42.36,
    unit: "ms",
    ratio: null,
    target: { valueAtMost: 50 },
  },
];
const page = renderDocument({
  rows,
  leftOut: ["runs (no redis-server)"],
  machine: {
    processor: "A processor",
    cores: 2,
    memoryGb: 8,
    system: "linux 6",
    versions: { Node: "20.20.2", Postgres: "18.4.0" },
  },
  short: false,
  at: new Date("2026-11-21T00:00:00Z"),
});

test("the page says what was measured, what was missed and what was left out", () => {
  expect(page).toContain("2026-11-21, A processor, 2 cores, 8 GB, linux 6");
  expect(page).toMatch(
    /\| gateway +\| bare node:http +\| 1,289 req\/s +\| 1,331 req\/s +\| 1\.03 +\| ≥ 0\.85 +\| met +\|/,
  );
  expect(page).toMatch(
    /\| p99 +\| – +\| – +\| 42\.4 ms +\| – +\| ≤ 50 ms +\| met +\|/,
  );
  expect(page).toContain("Missed in this run: workspace (against git clone).");
  expect(page).toContain("Left out: runs (no redis-server).");
});

test("the page is formatted as the repository's format check wants it", async () => {
  expect(await format(page, { parser: "markdown" })).toBe(page);
});
