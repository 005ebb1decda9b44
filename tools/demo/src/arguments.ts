import { parseArgs } from "node:util";

export const demoAgents = ["scripted", "claude", "codex"] as const;
export type DemoAgent = (typeof demoAgents)[number];

/** What a person asked for. */
export type DemoRequest =
  | { readonly kind: "run"; readonly agent: DemoAgent; readonly keep: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "refused"; readonly reason: string };

export const helpText = `npm run demo -- [options]

Watch an issue become a tested pull request. Everything runs on this machine: Pullwright with all its services, an
embedded Postgres, a local GitHub with a small sample repository. Nothing stays behind.

  --agent scripted   our own scripted agent: no key, no cost, no network (default)
  --agent claude     Claude Code, with your ANTHROPIC_API_KEY (and CLAUDE_CODE_PATH, ANTHROPIC_BASE_URL)
  --agent codex      Codex, with your OPENAI_API_KEY (and CODEX_PATH, OPENAI_BASE_URL)
                     Both take AGENT_MODEL, and MAX_RUN_USD (5 unless set).
  --keep             leave everything running afterwards and print the addresses, until Ctrl-C
  --help             this text
`;

/** Reads the command line. */
export function readArguments(argv: readonly string[]): DemoRequest {
  let values: { agent: string; keep: boolean; help: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        agent: { type: "string", default: "scripted" },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return { kind: "help" };
  const agent = demoAgents.find((name) => name === values.agent);
  return agent === undefined
    ? refused(
        `--agent must be ${demoAgents.join(", ")}, not "${values.agent}".`,
      )
    : { kind: "run", agent, keep: values.keep };
}

const refused = (reason: string): DemoRequest => ({ kind: "refused", reason });
