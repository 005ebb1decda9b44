import { neutralise } from "@pullwright/platform";
import type { Output } from "./output.js";

/** Where the program writes: results to `out`, all else to `err`. */
export interface Terminal {
  readonly isInteractive: boolean;
  readonly isColoured: boolean;
  columns(): number;
  out(text: string): void;
  err(text: string): void;
}

const DEFAULT_COLUMNS = 100;

/** The terminal of this process; what is printed goes to its output. */
export function processTerminal(
  output: Output,
  isColourWanted: boolean,
): Terminal {
  const { stdout, stderr } = process;
  const isInteractive = stdout.isTTY;
  return {
    isInteractive,
    isColoured: isInteractive && isColourWanted,
    columns: () => stdout.columns || DEFAULT_COLUMNS,
    out: (text) => output.write(text),
    err: (text) => void stderr.write(text),
  };
}

/** One harmless line of what a stranger or an agent wrote: no control characters, no marks that reorder text. */
export function line(text: string | null | undefined): string {
  return neutralise(text ?? "");
}

/** The same over several lines, each with an indent. */
export function lines(text: string, indent = ""): string {
  return text
    .split(/\r?\n/)
    .map((one) => indent + line(one))
    .join("\n");
}

/** Cuts a line that is too long for its place. */
export function cut(text: string, width: number): string {
  return text.length <= width
    ? text
    : `${text.slice(0, Math.max(0, width - 1))}…`;
}

export type Colour = "green" | "red" | "yellow" | "cyan" | "dim" | "bold";

const codes: Readonly<Record<Colour, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
};

/** Colours our own text, where the terminal is one that shows colours. */
export function paint(
  { isColoured }: Pick<Terminal, "isColoured">,
  colour: Colour,
  text: string,
): string {
  return isColoured
    ? `\u001b[${codes[colour].toString()}m${text}\u001b[0m`
    : text;
}
