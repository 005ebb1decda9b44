import { describe, expect, it } from "@jest/globals";
import { PrintedLog } from "./printed-log.js";

describe("what a process prints", () => {
  function print(lines: readonly string[], maxCharacters?: number): string[] {
    const kept: string[] = [];
    const printed = new PrintedLog(
      {
        add: (level, message) => {
          kept.push(`${level} ${message}`);
          return undefined;
        },
      },
      maxCharacters,
    );
    for (const line of lines) void printed.add("INFO", line);
    return kept;
  }

  it("is kept up to a limit, and the log says once that more came", () => {
    const long = "x".repeat(5_000);
    expect(print(["one", "two", long, "four", ""], 1_000)).toEqual([
      "INFO one",
      "INFO two",
      "WARNING too much was printed; the rest is not kept",
    ]);
  });

  it("counts by its lines as well, for an empty one takes a row too", () => {
    const flood = Array.from({ length: 200_000 }, () => "");
    expect(print(flood).length).toBeLessThan(100_000);
  });
});
