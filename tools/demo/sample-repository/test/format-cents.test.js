import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCents } from "../src/format-cents.js";

test("cents have two digits", () => {
  assert.equal(formatCents(1205), "12.05");
});

test("an amount below one keeps its zero", () => {
  assert.equal(formatCents(7), "0.07");
});

test("a refund is negative", () => {
  assert.equal(formatCents(-250), "-2.50");
});
