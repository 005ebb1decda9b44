import type { AnswerOf, endpoints } from "@pullwright/contracts";
import { agentNames, type Config } from "@pullwright/platform";
import { invalidRequest } from "../http/api-problem.js";

type Agents = AnswerOf<typeof endpoints.listAgents>["items"];

const descriptions: Readonly<Record<string, string>> = {
  claude: "Claude Code, the CLI of Anthropic",
  codex: "Codex, the CLI of OpenAI",
  command: "The program named by AGENT_COMMAND",
};

/** The agents that can be asked for, the default one first. */
export function agentsOf(config: Pick<Config, "agents">): Agents {
  const { agents } = config;
  return agentNames(config).map((name) => ({
    name,
    description: descriptions[name] ?? "Set up by this installation",
    default: name === agents.default,
    model: agents.model ?? null,
  }));
}

/** Refuses an agent that this installation does not have. */
export function demandAgent(
  name: string | undefined,
  config: Pick<Config, "agents">,
): void {
  const names = agentNames(config);
  if (name === undefined || names.includes(name)) return;
  const message = `must be one of ${names.join(", ")}`;
  throw invalidRequest([{ field: "agent", message }]);
}
