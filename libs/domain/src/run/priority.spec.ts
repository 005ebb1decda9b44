import { expect, it } from "@jest/globals";
import { priorityOfLabels } from "./priority.js";

it("reads a priority from an issue's labels, and the highest counts", () => {
  expect(priorityOfLabels(["bug", "priority:high"])).toBe("high");
  expect(priorityOfLabels(["Priority: Low", "PRIORITY:URGENT"])).toBe("urgent");
});

it("takes nothing else for a priority", () => {
  expect(
    priorityOfLabels(["priority", "priority:asap", "my priority:high", "p1"]),
  ).toBeNull();
});
