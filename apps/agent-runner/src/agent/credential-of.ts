import { createHash } from "node:crypto";
import type { Config } from "@pullwright/platform";

/**
 * What an agent's provider counts by: the agent and a fingerprint of its key and endpoint, so that runners with the same key
 * rest together. Without a key it is the login of the CLI, which the runners of an installation share.
 */
export function credentialsOf(
  agents: Config["agents"],
): (agent: string) => string {
  const { claude, codex, command = [] } = agents;
  const parts: Readonly<Record<string, readonly (string | undefined)[]>> = {
    claude: [claude.apiKey, claude.baseUrl],
    codex: [codex.apiKey, codex.baseUrl],
    command,
  };
  return (agent) => {
    const hash = createHash("sha256").update(
      JSON.stringify(parts[agent] ?? []),
    );
    return `${agent}:${hash.digest("hex").slice(0, 16)}`;
  };
}
