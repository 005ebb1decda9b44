import type { RunShape } from "@pullwright/contracts";
import type { LogLine } from "../installation/pullwright-client.js";

/** Shows how the demo goes on. */
export interface View {
  /** Something happened before, between or after. */
  note(text: string): void;
  /** How the run stands now. */
  run(run: RunShape): void;
  log(line: LogLine): void;
  /** Lines that stand for themselves: the result. */
  print(lines: readonly string[]): void;
  /** Leaves the terminal as it should be. */
  close(): void;
}
