import type { Stage } from "../stage.js";
import type { Paint } from "./paint.js";

/** Where to look around while everything is left running. */
export function keptLines(
  { github, installation, repository, apiKey }: Stage,
  pullNumber: number,
  paint: Paint,
): string[] {
  const { url } = installation;
  const rows = [
    ["Issue", `${github.url}/${repository}/issues/1`],
    ["Pull request", `${github.url}/${repository}/pull/${pullNumber}`],
    ["Clone", `git clone ${github.url}/${repository}.git`],
    ["API", `${url}/api/workflows`],
    ["API docs", `${url}/api/docs`],
    ["Queues", `${url}/api/queues`],
    ["Health", `${url}/health/ready`],
    ["API key", `${apiKey}  (in a browser: the password, with any name)`],
    ["Log", installation.logFile],
  ];
  return [
    "",
    paint.bold("Everything is left running"),
    "",
    ...rows.map(
      ([name = "", value = ""]) =>
        `  ${paint.dim(name.padEnd(14))}${paint.cyan(value)}`,
    ),
    "",
    `  Try: curl -H 'Authorization: Bearer ${apiKey}' ${url}/api/workflows`,
    "",
    paint.bold("  Ctrl-C ends and removes it all."),
    "",
  ];
}
