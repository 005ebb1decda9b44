import { describe, expect, it } from "@jest/globals";
import { PrintedLog } from "./printed-log.js";

describe("what a process prints", () => {
  it("is kept up to a limit, and the log says once that more came", () => {
    const kept: string[] = [];
    const printed = new PrintedLog(
      {
        add: (level, message) => {
          kept.push(`${level} ${message}`);
          return undefined;
        },
      },
      10,
    );
    for (const line of ["one", "two", "three", "four", ""])
      void printed.add("INFO", line);
    expect(kept).toEqual([
      "INFO one",
      "INFO two",
      "WARNING too much was printed; the rest is not kept",
    ]);
  });
});
