import { expect, it } from "@jest/globals";
import type { FaultCase } from "../fault-case.js";
import { agenda, takeNext, type Task } from "./agenda.js";

const fault = (
  number: number,
  facts: Partial<Pick<FaultCase, "rig" | "backends">> = {},
): FaultCase => ({
  number,
  name: `fault ${number}`,
  backends: ["redis", "postgres"],
  run: () => Promise.resolve([]),
  ...facts,
});
const shared = fault(1);
const alone = fault(2, { rig: {}, backends: ["redis"] });

const words = ({ fault: { number }, backend, seed }: Task) =>
  `${number} ${backend} ${seed}`;

it("is each case in each round, by back end, first those that share their services", () => {
  const tasks = agenda([alone, shared], { rounds: 2, seed: 70 });
  expect(tasks.map(words)).toEqual([
    "1 redis 70",
    "2 redis 70",
    "1 redis 71",
    "2 redis 71",
    "1 postgres 70",
    "1 postgres 71",
  ]);
});

it("is only what the record lacks", () => {
  const known = (number: number, seeds: number[]) => ({
    number,
    name: `fault ${number}`,
    backend: "redis" as const,
    days: ["2026-11-21"],
    seeds,
    tookMs: seeds.map(() => 9),
    failedSeeds: [],
  });
  const tasks = agenda([alone, shared], { rounds: 2, seed: 70 }, [
    known(1, [71, 70, 5]),
    known(2, [71]),
  ]);
  expect(tasks.map(words)).toEqual([
    "2 redis 70",
    "1 postgres 70",
    "1 postgres 71",
  ]);
});

it("goes on with the services that run, but does not leave others behind for long", () => {
  const tasks = agenda([shared, alone], { rounds: 6, seed: 0 });
  const ofAlone = (task: Task) => task.fault === alone;
  const taken = Array.from({ length: 6 }, () => takeNext(tasks, ofAlone));
  expect(taken.map((task) => task && words(task))).toEqual([
    "2 redis 0",
    "2 redis 1",
    "2 redis 2",
    "2 redis 3",
    "2 redis 4",
    "1 redis 0",
  ]);
  expect(tasks).toHaveLength(12);
});

it("ends", () => {
  expect(takeNext([], () => true)).toBeUndefined();
});
