import { describe, expect, it } from "@jest/globals";
import { classifyIssue } from "./classify-issue.js";

describe("classifyIssue", () => {
  it.each([
    [["bug"], "Anything", "bug"],
    [["Type: Bug", "adw"], "Anything", "bug"],
    [["kind/feature"], "fix: the title loses against the label", "feature"],
    [["dependencies"], "", "chore"],
    [[], "fix(parser): rounding", "bug"],
    [[], "[Feature] dark mode", "feature"],
    [[], "chore!: drop Node 18", "chore"],
  ])("by labels %j and title %j says %s", (labels, title, expected) => {
    expect(classifyIssue({ labels, title })).toBe(expected);
  });

  it.each([
    [[], "The total is wrong"],
    [["bug", "enhancement"], "fix: both labels stand"],
    [["constructor"], "Anything"],
    [["__proto__"], "toString: not a class"],
  ])("leaves labels %j and title %j to the agent", (labels, title) => {
    expect(classifyIssue({ labels, title })).toBeNull();
  });
});
