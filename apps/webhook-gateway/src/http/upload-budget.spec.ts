import { beforeEach, expect, test } from "@jest/globals";
import { UploadBudget, type Upload } from "./upload-budget.js";

const KB = 1024;
const MB = 1024 * KB;
const GRACE_MS = 2_000;

let nowMs: number;
let budget: UploadBudget;
beforeEach(() => {
  nowMs = 0;
  budget = new UploadBudget({ maxUploadBytes: 10 * MB }, () => nowMs);
});

function begin(): { readonly upload: Upload; wasCrowdedOut: boolean } {
  const upload = budget.begin();
  if (!upload) throw new Error("There is no room.");
  const begun = { upload, wasCrowdedOut: false };
  upload.onCrowdedOut = () => (begun.wasCrowdedOut = true);
  return begun;
}

test("uploads hold what has come of them, together no more than there is", () => {
  const [first, second] = [begin().upload, begin().upload];
  expect(first.take(6 * MB)).toBe(true);
  expect(second.take(6 * MB)).toBe(false);
  expect(second.take(3 * MB)).toBe(true);
  first.end();
  first.end();
  expect(second.take(6 * MB)).toBe(true);
  expect(second.take(MB)).toBe(false);
});

test("small pieces count with what keeping them costs", () => {
  const { upload } = begin();
  let pieces = 0;
  while (upload.take(1)) pieces += 1;
  expect(pieces).toBeLessThan((10 * MB) / 200);
});

test("an upload counts before its first byte, so that there are not too many of them", () => {
  let uploads = 0;
  while (budget.begin()) uploads += 1;
  expect(uploads).toBe((10 * MB) / (32 * KB));
});

test("whoever takes long makes room, the oldest first; a fresh one does not", () => {
  const [oldest, older] = [begin(), begin()];
  expect(oldest.upload.take(4 * MB) && older.upload.take(4 * MB)).toBe(true);
  nowMs = GRACE_MS - 1;
  const fresh = begin();
  expect(fresh.upload.take(4 * MB)).toBe(false);
  nowMs = GRACE_MS;
  expect(fresh.upload.take(4 * MB)).toBe(true);
  expect(
    [oldest, older, fresh].map(({ wasCrowdedOut }) => wasCrowdedOut),
  ).toEqual([true, false, false]);
  expect(oldest.upload.take(1)).toBe(false); // It is over.
});

test("what has come whole is not crowded out", () => {
  const whole = begin();
  expect(whole.upload.take(8 * MB)).toBe(true);
  whole.upload.complete();
  nowMs = 2 * GRACE_MS;
  expect(begin().upload.take(4 * MB)).toBe(false);
  expect(whole.wasCrowdedOut).toBe(false);
  whole.upload.end();
  expect(begin().upload.take(4 * MB)).toBe(true);
});

test("an upload never makes room for itself", () => {
  const { upload } = begin();
  expect(upload.take(8 * MB)).toBe(true);
  nowMs = GRACE_MS;
  expect(upload.take(4 * MB)).toBe(false);
});
