import assert from "node:assert/strict";
import { test } from "node:test";
import { splitBill } from "../src/split-bill.js";

const sum = (shares) => shares.reduce((total, share) => total + share, 0);

test("an even bill gives everybody the same share", () => {
  assert.deepEqual(splitBill(1200, 3), [400, 400, 400]);
});

test("the shares add up to the bill", () => {
  assert.equal(sum(splitBill(1000, 3)), 1000);
  assert.equal(sum(splitBill(2, 5)), 2);
});

test("no share is more than a cent above another", () => {
  const shares = splitBill(1000, 7);
  assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
});

test("nobody cannot pay", () => {
  assert.throws(() => splitBill(1000, 0), RangeError);
});
