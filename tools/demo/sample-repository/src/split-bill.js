/** What each of `people` pays of a bill of `totalCents`. */
export function splitBill(totalCents, people) {
  if (!Number.isInteger(people) || people < 1) {
    throw new RangeError("a bill is split between at least one person");
  }
  const share = Math.floor(totalCents / people);
  return Array.from({ length: people }, () => share);
}
