import { describe, expect, it } from "@jest/globals";
import { parseTriggerLabel } from "./trigger-label.js";

describe("parseTriggerLabel", () => {
  it.each([
    ["adw", null],
    ["ADW", null],
    ["adw:adw_plan", "adw_plan"],
    ["adw: Adw_Plan", "adw_plan"],
  ])("reads %j", (label, workflow) => {
    expect(parseTriggerLabel(label)).toEqual({ workflow });
  });

  it.each(["adwords", "adw:", "adw:a b", "needs-adw", "bug"])(
    "ignores %j",
    (label) => {
      expect(parseTriggerLabel(label)).toBeUndefined();
    },
  );
});
