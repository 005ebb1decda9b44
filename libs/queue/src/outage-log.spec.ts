import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { createLogger } from "@pullwright/platform";
import { OutageLog } from "./outage-log.js";

interface Line {
  readonly msg: string;
  readonly downMs?: number;
}
let lines: Line[];
let outage: OutageLog;
beforeEach(() => {
  jest.useFakeTimers();
  lines = [];
  const logger = createLogger({
    service: "spec",
    destination: { write: (line) => lines.push(JSON.parse(line) as Line) },
  });
  outage = new OutageLog(logger, "Redis");
});
afterEach(() => {
  jest.useRealTimers();
});

function down(forMs: number): void {
  outage.failed(new Error("gone"));
  outage.failed(new Error("gone"));
  jest.advanceTimersByTime(forMs);
  outage.worked();
}
const messages = () => lines.map(({ msg }) => msg);

test("an outage is told once and its end once, however much it flaps", () => {
  outage.worked();
  for (let round = 0; round < 50; round += 1) down(1);
  expect(messages()).toEqual(["Redis does not work", "Redis works again"]);
});

test("a long outage soon after another is told at its end", () => {
  down(1);
  down(3_000);
  expect(lines.slice(2)).toMatchObject([
    { msg: "Redis works again", downMs: 3_000 },
  ]);
});

test("half a minute later a beginning is told again", () => {
  down(1);
  jest.advanceTimersByTime(30_000);
  down(1);
  expect(messages()).toHaveLength(4);
});
