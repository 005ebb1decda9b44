import { describe, expect, it } from "@jest/globals";
import { parseClassification } from "./parse-classification.js";

describe("the class in an agent's answer", () => {
  it.each([
    ['{"classification": "bug"}', "bug"],
    ['Sure!\n```json\n{"classification": "Feature"}\n```', "feature"],
    ['{"class":"chore"}', "chore"],
    ["bug", "bug"],
    ["**Chore**", "chore"],
    ["It breaks the total.\n\nBug.", "bug"],
    ["/feature", "feature"],
    ["This is a bug in the parser.", "bug"],
    ["Not a feature, I would say.\nbug", "bug"],
  ])("is read from %j", (text, expected) => {
    expect(parseClassification(text)).toBe(expected);
  });

  it.each([
    "",
    "It is a bug or a feature, hard to say.",
    '{"classification": "epic"}',
    "debugging",
    "{",
    "}{",
  ])("is not guessed from %j", (text) => {
    expect(parseClassification(text)).toBeUndefined();
  });
});
