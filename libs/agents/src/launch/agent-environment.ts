import { join } from "node:path";
import { AgentSettingsError, type AgentHost } from "./agent-settings.js";

/** Variables that no agent may ever get, however they came into the settings: ours, GitHub's and the stores'. */
const forbidden =
  /^(?:(?:GITHUB|GH|GIT|PULLWRIGHT|POSTGRES|REDIS|JIRA|SLACK|LD)_.*|PG[A-Z]+|DATABASE_URL|ENCRYPTION_KEY|SSH_AUTH_SOCK|NODE_OPTIONS)$/i;

/** The agent's temp dir. Not above HOME: codex refuses to set itself up under a temp dir and then fails silently. */
export function temporaryDir(homeDir: string): string {
  return join(homeDir, "tmp");
}

/**
 * The environment every agent starts with. Built from nothing: an allow-list that forgets a variable fails
 * loudly, a deny-list that forgets one leaks it. A sandbox may put its own HOME and TMPDIR in place of these, with the
 * same content.
 */
export function agentEnvironment(
  host: AgentHost,
  homeDir: string,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    ...host.env,
    ...extra,
    PATH: host.searchPath,
    HOME: homeDir,
    TMPDIR: temporaryDir(homeDir),
    LANG: "C.UTF-8",
    TERM: "dumb",
    SHELL: "/bin/sh",
  };
}

/** Refuses settings that would hand an agent what it must not have. Called once, when the agents are made. */
export function assertAllowedEnvironment(
  owner: string,
  env: Readonly<Record<string, string>> = {},
): void {
  const refused = Object.keys(env).filter((name) => forbidden.test(name));
  if (refused.length > 0) {
    throw new AgentSettingsError(
      `${owner} may not be given ${refused.join(", ")} in its environment.`,
    );
  }
}
