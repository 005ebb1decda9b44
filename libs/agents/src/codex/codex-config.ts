import type { AgentHost } from "../launch/agent-settings.js";
import { standingRules } from "../prompts/standing-rules.js";
import type { CodexSettings } from "./codex-settings.js";

const OPENAI_URL = "https://api.openai.com/v1";

/** What codex may do to files by its own sandbox, which does not nest in ours. */
export type CodexSandbox =
  "read-only" | "workspace-write" | "danger-full-access";

export function codexSandbox(host: AgentHost, mayWrite: boolean): CodexSandbox {
  if (host.sandboxed) return "danger-full-access";
  return mayWrite ? "workspace-write" : "read-only";
}

/**
 * `config.toml` for a private `CODEX_HOME`: one provider of our own over plain HTTP, no retries, no telemetry, and the
 * provider's key kept out of the commands that the model runs. With it the CLI looks up no other host (measured).
 *
 * Top-level keys must stand before the first table.
 */
export function codexConfig(
  settings: CodexSettings,
  sandbox: CodexSandbox,
  model: string | undefined,
): string {
  return `${[
    ...(model === undefined ? [] : [`model = ${toml(model)}`]),
    'model_provider = "pullwright"',
    `sandbox_mode = ${toml(sandbox)}`,
    'approval_policy = "never"',
    'web_search = "disabled"',
    // Skills of the repository would speak with the weight of the operator.
    "skills.include_instructions = false",
    "check_for_update_on_startup = false",
    'shell_environment_policy.inherit = "core"',
    // A login shell reads /etc/profile and forgets our PATH, and with it a Node that no system folder holds.
    "allow_login_shell = false",
    `developer_instructions = ${toml(standingRules)}`,
    "",
    "[features]",
    "plugins = false",
    "apps = false",
    "remote_plugin = false",
    "in_app_updates = false",
    "api_key_model_discovery = false",
    "",
    "[analytics]",
    "enabled = false",
    "",
    "[model_providers.pullwright]",
    'name = "pullwright"',
    `base_url = ${toml(settings.baseUrl ?? OPENAI_URL)}`,
    'wire_api = "responses"',
    'env_key = "OPENAI_API_KEY"',
    // Seven attempts at a WebSocket first otherwise, 7 s in all.
    "supports_websockets = false",
    "request_max_retries = 0",
    "stream_max_retries = 0",
  ].join("\n")}\n`;
}

/** A TOML basic string: JSON's escapes are among TOML's, and only DEL is allowed by the one and not by the other. */
function toml(text: string): string {
  return JSON.stringify(text).replaceAll("\u007F", "\\u007F");
}
