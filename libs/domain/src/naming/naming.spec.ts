import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { adwIdFrom, isAdwId } from "./adw-id.js";
import { branchName, planFileName } from "./run-names.js";
import { slugOf } from "./slug.js";

describe("names", () => {
  it("are safe for any title", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (title) => {
        expect(slugOf(title)).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
        expect(slugOf(title).length).toBeLessThanOrEqual(40);
      }),
    );
  });

  it("tell the issue, the run and the title", () => {
    const run = {
      issueNumber: 7,
      adwId: "abcd2345",
      title:
        "Crème brûlée: $(rm -rf /) totals are off by one cent in the invoice",
    };
    expect(branchName(run)).toBe(
      "pullwright/7-abcd2345-creme-brulee-rm-rf-totals-are-off-by",
    );
    expect(planFileName(run)).toBe(
      "specs/issue-7-abcd2345-creme-brulee-rm-rf-totals-are-off-by.md",
    );
  });

  it("gives eight letters from enough random bytes, and nothing from too few", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 24 }), (bytes) => {
        const id = adwIdFrom(bytes);
        const usable = [...bytes].filter((byte) => byte < 248).length;
        expect(id !== undefined).toBe(usable >= 8);
        if (id !== undefined) expect(isAdwId(id)).toBe(true);
      }),
    );
  });

  it.each(["", "ABCD2345", "abcd234", "abcd23451", "abcd234o", "../../.."])(
    "refuses %j as a run's id",
    (text) => {
      expect(isAdwId(text)).toBe(false);
    },
  );
});
