import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { inRepository } from "./read-yaml.js";

/** A page as one line, without the marks of quotes and emphasis: how it is wrapped is Prettier's business. */
const wordsOf = (page: string) =>
  readFileSync(inRepository(page), "utf8")
    .replaceAll(/^> ?|\*\*/gm, "")
    .replaceAll(/\s+/g, " ");

describe("the README", () => {
  it("has the promise, word for word", () => {
    expect(wordsOf("README.md")).toContain(
      "Every accepted trigger leads to exactly one recorded run, which always reaches an end a person can see. A phase may execute more than once; its result is committed once. What happens outside (branch, pull request, comment, label) happens at most once or is harmless to repeat.",
    );
  });

  it.each(["npm ci && npm run demo", "npm ci && npm test"])(
    "has `%s`, to be copied as it is",
    (command) => {
      const lines = readFileSync(inRepository("README.md"), "utf8").split("\n");
      expect(lines).toContain(command);
    },
  );

  it("says that the agents share the network", () => {
    expect(wordsOf("README.md")).toContain(
      "The network is shared with the agents for now",
    );
  });
});

describe("the glossary", () => {
  const terms = readFileSync(inRepository("GLOSSARY.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|")[1]?.trim());

  it.each([
    "work item",
    "workflow",
    "run",
    "execution",
    "phase",
    "attempt",
    "agent",
    "handoff",
    "artifact",
    "delivery",
    "pipeline event",
    "command",
    "effect",
    "lease, fence",
    "doorbell",
  ])("says what %s means", (term) => {
    expect(terms).toContain(term);
  });
});
