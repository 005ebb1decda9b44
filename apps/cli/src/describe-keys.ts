import { scopes } from "@pullwright/contracts";
import type { Command as Program } from "commander";
import { severalOf, type JsonOption } from "./command-arguments.js";
import type { Choose } from "./command-context.js";
import { createKey, listKeys, revokeKey } from "./commands/keys.js";

/** The commands about the keys of the API. */
export function describeKeys(
  command: (usage: string, description: string) => Program,
  choose: Choose,
): void {
  const keys = command(
    "keys",
    "list the API keys, or make and revoke them",
  ).action((options: JsonOption) => choose(listKeys, options.json === true));

  keys
    .command("create")
    .description("make a key and print it, this once")
    .argument("<name>", "whom or what it is for")
    .requiredOption(
      "--scope <scope>",
      `what it may do: ${scopes.join(", ")} (may be given several times)`,
      severalOf,
    )
    .option(
      "--repository <owner/name>",
      "only there (may be given several times)",
      severalOf,
    )
    .option("--expires <day>", "until then, such as 2027-01-01, in UTC")
    .option("--json", "print JSON for scripts")
    .action((name: string, _: CreateOptions, program: Program) => {
      // Both have `--json`, and it is the outer one that takes it.
      const options = program.optsWithGlobals<CreateOptions>();
      const { scope, repository = [], expires } = options;
      const wish = { scopes: scope, repositories: repository, expires };
      choose(
        (context) => createKey(context, name, wish),
        options.json === true,
      );
    });

  keys
    .command("revoke")
    .description("revoke a key for good")
    .argument("<id>", "its id, as the list shows it")
    .option("--json", "print JSON for scripts")
    .action((id: string, _: JsonOption, program: Program) =>
      choose(
        (context) => revokeKey(context, id),
        program.optsWithGlobals<JsonOption>().json === true,
      ),
    );
}

interface CreateOptions extends JsonOption {
  readonly scope: readonly string[];
  readonly repository?: readonly string[];
  readonly expires?: string;
}
