import { expect, test } from "@jest/globals";
import { catalogue } from "./catalogue.js";

test("every fault of the plan has its cases", () => {
  const numbers = new Set(catalogue.map(({ number }) => number));
  expect([...numbers].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
});

test("only what strikes Redis itself has no case with the queue on Postgres", () => {
  const without = catalogue.filter(
    ({ backends }) => !backends.includes("postgres"),
  );
  // Faults 1 to 6 strike Redis.
  const others = without.filter(({ number }) => number > 6);
  expect(others.map(({ name }) => name)).toEqual([
    "a runner cut off from redis",
    "a run is cancelled while Redis is down",
  ]);
});
