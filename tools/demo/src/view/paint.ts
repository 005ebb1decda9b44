/** Puts colour on text, or leaves it as it is. */
export type Paint = Readonly<
  Record<
    "bold" | "dim" | "red" | "green" | "yellow" | "cyan",
    (text: string) => string
  >
>;

const code = (on: number, off: number) => (text: string) =>
  `\u001B[${on}m${text}\u001B[${off}m`;

export const colours: Paint = {
  bold: code(1, 22),
  dim: code(2, 22),
  red: code(31, 39),
  green: code(32, 39),
  yellow: code(33, 39),
  cyan: code(36, 39),
};

const same = (text: string) => text;

export const noColours: Paint = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
};
