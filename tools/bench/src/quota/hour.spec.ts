import { expect, test } from "@jest/globals";
import { verdictOf } from "../report/verdict.js";
import { hourRows } from "./hour.js";

const cost = { control: 15, status: 20, discovery: 5 };
const whatOf = (runs: number) =>
  hourRows("polling alone", cost, runs, Infinity)[0]?.what;

test("the hour of 40 runs is named as measured where 40 runs were", () => {
  expect(whatOf(40)).toBe(
    "GitHub's quota, 40 runs at once in 50 repositories, polling alone: all",
  );
});

test("an hour that is reckoned from fewer runs says from how many, in how many repositories", () => {
  expect(whatOf(4)).toBe(
    "GitHub's quota, 40 runs at once in 50 repositories by the cost of 4 runs at once in 5 repositories, polling alone: all",
  );
});

test("an hour is 80 runs with 480 comparisons, and one request over the limit turns it red", () => {
  const values = (run: typeof cost, polls = Infinity) =>
    hourRows("any", run, 40, polls).map(({ ours }) => ours);
  expect(values(cost)).toEqual([3_680, 1_200, 1_600, 880]);
  expect(values(cost, 100)).toEqual([3_380, 1_200, 1_600, 580]);
  const verdicts = (control: number) =>
    hourRows("any", { ...cost, control }, 40, Infinity).map(verdictOf);
  expect(verdicts(31.5)[0]).toBe("met");
  expect(verdicts(31.6)[0]).toBe("gross");
});
