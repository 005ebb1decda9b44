import { runProcess } from "@pullwright/sandbox";

/** Prints as fast as it is read; a thousand lines a write, as a chatty build tool's buffer would hold. */
const program = `
  const lines = Number(process.argv[1]);
  let next = 1;
  const more = () => {
    while (next <= lines) {
      let text = "";
      for (let n = 0; n < 1000 && next <= lines; n++, next++)
        text += "[" + next + "] compiled src/feature/component-" + next % 997 + ".ts in " + next % 91 + " ms, 0 errors, 2 warnings\\n";
      if (!process.stdout.write(text)) return process.stdout.once("drain", more);
    }
  };
  more();
`;

/** The text of a line that {@link printLines} gives. */
export function printedLine(number: number): string {
  return `[${number.toString()}] compiled src/feature/component-${(number % 997).toString()}.ts in ${(number % 91).toString()} ms, 0 errors, 2 warnings`;
}

/** Runs a process that prints so many lines, under the product's supervision. */
export async function printLines(
  count: number,
  onLines: (lines: readonly string[]) => Promise<void>,
): Promise<void> {
  const result = await runProcess({
    command: process.execPath,
    args: ["-e", program, count.toString()],
    cwd: "/",
    env: {},
    onLines: (_stream, lines) => onLines(lines),
  });
  if (!result.ok)
    throw new Error(`The printing process failed: ${result.stderrTail}`);
}
