import { table } from "./table.js";
import { paint, type Terminal } from "./terminal.js";

/** Prints rows under a dim head, as wide as the terminal is. */
export function printTable(
  terminal: Terminal,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const [top = "", ...others] = table([head, ...rows], terminal.columns() - 1);
  terminal.out(`${[paint(terminal, "dim", top), ...others].join("\n")}\n`);
}
