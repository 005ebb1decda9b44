import type { Config } from "@pullwright/platform";
import type { Addresses } from "./start-all.js";

/** What a person reads when everything runs. */
export function welcome(
  { apiUrl, webhookUrl, keyFile }: Addresses,
  config: Config,
): string {
  const rows: [string, string][] = [
    ["API", `${apiUrl}/api/workflows`],
    ...(config.http.apiDocs === "off"
      ? []
      : [["API docs", `${apiUrl}/api/docs`] as [string, string]]),
    ["Queues", `${apiUrl}/api/queues`],
    [
      "Webhooks",
      webhookUrl === null
        ? "off: GITHUB_WEBHOOK_SECRET is not set; changes are polled"
        : `${webhookUrl}/webhooks/github`,
    ],
    [
      "Polling",
      config.polling.enabled
        ? `every ${config.polling.intervalMs / 1000} s`
        : "off",
    ],
    ["API key", keyFile ?? "the one in PULLWRIGHT_API_KEY"],
    ["Agent", config.agents.default],
    ["Queue on", config.redis.url === undefined ? "Postgres" : "Redis"],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const unsandboxed = config.runner.allowUnsandboxed
    ? "\nALLOW_UNSANDBOXED_AGENTS is set: where no sandbox works, agents can read this process's secrets.\n"
    : "";
  return `\nPullwright runs.\n\n${rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join("")}${unsandboxed}\n`;
}
