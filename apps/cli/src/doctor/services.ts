import { ApiClient } from "../client/api-client.js";
import {
  AccessUnusable,
  ApiRefusal,
  ApiUnreachable,
} from "../client/api-error.js";
import { fail, ok, warn, type Check, type Finding } from "./check.js";

const TIMEOUT_MS = 3_000;

export const checkApi: Check = async ({ cli }) => {
  const client = new ApiClient(cli);
  try {
    await client.call("listWorkflows", { query: { limit: 1 } });
    return [ok("api", `${cli.url} answers, and the key opens it`)];
  } catch (error) {
    if (error instanceof AccessUnusable)
      return [
        fail(
          "api",
          error.message,
          "Set PULLWRIGHT_URL and PULLWRIGHT_API_KEY as the API has them, or unset them.",
        ),
      ];
    if (error instanceof ApiRefusal)
      return [
        fail(
          "api",
          `${cli.url}: ${error.message}`,
          error.problem
            ? "Set PULLWRIGHT_API_KEY to a valid key."
            : "Set PULLWRIGHT_URL to where the API is.",
        ),
      ];
    return [
      warn(
        "api",
        error instanceof ApiUnreachable
          ? error.message
          : `${cli.url} does not answer.`,
        "Start it with `npm start`, or set PULLWRIGHT_URL.",
      ),
    ];
  }
};

export const checkWebhook: Check = async ({ config }) => {
  const { webhookSecrets } = config.github;
  const findings: Finding[] = [
    webhookSecrets.length > 0
      ? ok("webhook secret", "It is set")
      : warn(
          "webhook secret",
          "GITHUB_WEBHOOK_SECRET is not set: only polling finds work.",
          "Set it, and the same secret in the webhook on GitHub.",
        ),
  ];
  const port = config.http.webhookPort.toString();
  const isThere = await fetch(`http://127.0.0.1:${port}/health`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).then(
    (response) => response.ok,
    () => false,
  );
  findings.push(
    isThere
      ? ok(
          "webhook gateway",
          `It listens on port ${port}; GitHub must reach it over HTTPS`,
        )
      : warn(
          "webhook gateway",
          `Nothing listens on port ${port} of this machine.`,
          "Start it with `npm start`; GitHub must reach it at a public HTTPS address (https://…/webhooks/github).",
        ),
  );
  return findings;
};
