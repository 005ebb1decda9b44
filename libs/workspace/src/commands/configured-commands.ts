import { parse } from "yaml";
import { z } from "zod";
import type { FoundCommands } from "./repository-command.js";

export const CONFIG_FILE = ".pullwright.yml";

const text = z.string().trim().min(1, "must not be empty");
const command = z.union([text, z.tuple([text], z.string())], {
  error:
    "must be a text for the shell, or a list of a program and its arguments",
});
/** One command stands for a list of one, nothing for an empty list. */
const list = z.preprocess((value) => [value ?? []].flat(), z.array(command));
const configuration = z.object(
  {
    commands: z
      .strictObject(
        { setup: list, lint: list, test: list },
        { error: "may hold setup, lint and test, and nothing else" },
      )
      .nullish(),
  },
  { error: "must be a mapping" },
);

/**
 * The `commands:` of a repository's own configuration, each a list of commands or one; undefined when it has none. A text
 * is run by a shell, which is no danger beyond that of the command itself: it all happens in the sandbox.
 *
 * ```yaml
 * commands:
 *   setup: npm ci
 *   test: [npm run build, [npm, test]]
 * ```
 */
export function configuredCommands(source: string): FoundCommands | undefined {
  let document: unknown;
  try {
    document = parse(source, { maxAliasCount: 100 });
  } catch (error) {
    return broken(firstLine(error));
  }
  const read = configuration.safeParse(document ?? {});
  if (!read.success) return broken(first(read.error));
  const { commands } = read.data;
  if (commands === undefined || commands === null) return undefined;
  return {
    kind: "found",
    commands: (["setup", "lint", "test"] as const).flatMap((kind) =>
      commands[kind].map((one) => ({
        kind,
        argv: typeof one === "string" ? ["sh", "-c", one] : one,
      })),
    ),
  };
}

/** A problem is a clause, without the full stop. */
export function broken(problem: string): FoundCommands {
  return { kind: "broken", problem: `${CONFIG_FILE}: ${problem}.` };
}

/** The parser's error goes on with the place in the text, drawn. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ""] = text.split("\n");
  return line.replace(/:$/, "");
}

function first({ issues }: z.ZodError): string {
  const [{ path, message } = { path: [], message: "is wrong" }] = issues;
  const name = path
    .map((part) =>
      typeof part === "number" ? `[${part}]` : `.${String(part)}`,
    )
    .join("");
  return `${name === "" ? "the file" : name.slice(1)} ${message}`;
}
