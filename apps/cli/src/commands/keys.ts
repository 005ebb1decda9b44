import type { ApiKeyShape } from "@pullwright/contracts";
import { writeJson, type CommandContext } from "../command-context.js";
import { exitCodes, type ExitCode } from "../exit-code.js";
import { printTable } from "../terminal/print-table.js";
import { line } from "../terminal/terminal.js";
import { elapsed } from "../terminal/words.js";

export interface KeyWish {
  readonly scopes: readonly string[];
  /** None: every repository. */
  readonly repositories: readonly string[];
  /** A day or a moment, in UTC. */
  readonly expires: string | undefined;
}

/** Lists the API keys, newest first. */
export async function listKeys(context: CommandContext): Promise<ExitCode> {
  const { client, terminal } = context;
  const keys = await client.call("listKeys");
  if (context.json) {
    writeJson(context, keys);
    return exitCodes.ok;
  }
  const head = [
    "ID",
    "NAME",
    "KEY",
    "SCOPES",
    "AGE",
    "USED",
    "STATE",
    "REPOSITORIES",
  ];
  const rows = keys.items.map((key) => [
    key.id,
    line(key.name),
    `${line(key.prefix)}…`,
    key.scopes.join(","),
    elapsed(key.created_at, null),
    elapsed(key.last_used_at, null) || "never",
    stateOf(key),
    line(key.repositories?.join(",") ?? "all"),
  ]);
  printTable(terminal, head, rows);
  return exitCodes.ok;
}

/** Makes a key and prints it, alone on stdout so that a script can take it. */
export async function createKey(
  context: CommandContext,
  name: string,
  { scopes, repositories, expires }: KeyWish,
): Promise<ExitCode> {
  const { client, terminal } = context;
  const made = await client.call("createKey", {
    body: {
      name,
      scopes,
      ...(repositories.length === 0 ? {} : { repositories }),
      ...(expires === undefined ? {} : { expires_at: momentOf(expires) }),
    },
  });
  if (context.json) writeJson(context, made);
  else {
    terminal.out(`${line(made.key)}\n`);
    terminal.err(`It is shown this once; its id is ${made.id}.\n`);
  }
  return exitCodes.ok;
}

/** Revokes a key for good; one that was revoked before stays so. */
export async function revokeKey(
  context: CommandContext,
  id: string,
): Promise<ExitCode> {
  await context.client.call("revokeKey", { params: { id } });
  if (context.json) writeJson(context, { id, revoked: true });
  else context.terminal.out(`${line(id)} is revoked\n`);
  return exitCodes.ok;
}

function stateOf({ revoked_at, expires_at }: ApiKeyShape): string {
  if (revoked_at !== null) return "revoked";
  if (expires_at === null) return "works";
  return Date.parse(expires_at) <= Date.now()
    ? "expired"
    : `until ${expires_at.slice(0, 10)}`;
}

/** A day is its first moment; the API checks all else. */
const momentOf = (text: string): string =>
  /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
