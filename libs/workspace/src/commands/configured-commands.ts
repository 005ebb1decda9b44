import { parse } from "yaml";

import type { RepositoryCommand } from "./repository-command.js";

export const CONFIG_FILE = ".pullwright.yml";

const KINDS = { setup: "setup", lint: "lint", test: "test" } as const;

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
export function configuredCommands(
  text: string,
): RepositoryCommand[] | undefined {
  const section = field(parsed(text), "commands");
  if (typeof section !== "object" || section === null) return undefined;
  return Object.values(KINDS).flatMap((kind) =>
    asList(field(section, kind)).flatMap((one) => toCommand(kind, one) ?? []),
  );
}

function parsed(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch {
    return undefined; // The orchestrator tells people about a broken configuration; here it only names no command.
  }
}

function toCommand(
  kind: RepositoryCommand["kind"],
  value: unknown,
): RepositoryCommand | undefined {
  if (typeof value === "string")
    return value.trim() === ""
      ? undefined
      : { kind, argv: ["sh", "-c", value] };
  if (!Array.isArray(value) || !value.every((part) => typeof part === "string"))
    return undefined;
  const [program, ...args] = value;
  return program === undefined || program === ""
    ? undefined
    : { kind, argv: [program, ...args] };
}

function asList(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined; // Any object can be asked.
}
