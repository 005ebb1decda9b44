import type { Setting } from "./setting.js";
import { settingGroups } from "./setting.js";
import { settings } from "./settings.js";

type Row = readonly [name: string, setting: Setting<unknown>];
const rows: readonly Row[] = Object.entries(settings);

/** What docker-compose.yml takes from `.env` for itself; Pullwright reads none of it. */
const composeVariables: readonly (readonly [name: string, about: string])[] = [
  [
    "POSTGRES_PASSWORD",
    "The password of the Postgres that Compose runs, in letters and digits only, since it becomes a part of DATABASE_URL as it is: `openssl rand -hex 24` makes one. Postgres takes it over at its first start alone.",
  ],
  [
    "AGENT_PACKAGES",
    "npm packages of the agents' CLIs for the image, with their versions, separated by spaces, such as @openai/codex@0.169.0.",
  ],
];

/** The text of `.env.example`: every variable, commented out, with its default or an example. */
export function renderEnvExample(): string {
  const chapters = settingGroups.map((group) => {
    const entries = rows
      .filter(([, setting]) => setting.group === group)
      .map(([name, { description, defaultText, example }]) =>
        renderEnvEntry(name, description, defaultText ?? example),
      );
    return [`# ---- ${group} ----`, ...entries].join("\n\n");
  });
  const head = [
    "# Every setting of Pullwright; an empty value counts as unset. Compose reads .env; `npm start` reads its environment alone.",
    "# A secret may also be read from a file: set <NAME>_FILE to its path instead.",
    "# Made from libs/platform/src/config/settings.ts.",
  ].join("\n");
  const compose = [
    "# ---- Read by Compose alone ----",
    ...composeVariables.map(([name, about]) => renderEnvEntry(name, about)),
  ].join("\n\n");
  return `${[head, ...chapters, compose].join("\n\n")}\n`;
}

const renderEnvEntry = (name: string, description: string, value = "") =>
  [
    ...wrap(description, 100).map((line) => `# ${line}`),
    `#${name}=${value}`,
  ].join("\n");

/** The text of `docs/configuration.md`: a table a chapter, laid out as Prettier would. */
export function renderConfigurationPage(): string {
  const chapters = settingGroups.map((group) => {
    const lines = rows
      .filter(([, setting]) => setting.group === group)
      .map(renderTableRow);
    return [
      `## ${group}`,
      "",
      ...renderTable(["Variable", "Default", "Meaning"], lines),
    ].join("\n");
  });
  const head = [
    "# Configuration",
    "",
    "Pullwright reads its settings from the environment, once, at boot. A setting that cannot be used stops the boot with one",
    "message that names every bad variable. An empty value counts as unset. Secrets never appear in errors or logs, and each may",
    "be read from a file instead, named by `<NAME>_FILE`.",
    "",
    "This page is made from `libs/platform/src/config/settings.ts`; `.env.example` holds the same settings ready to copy.",
  ].join("\n");
  return `${[head, ...chapters].join("\n\n")}\n`;
}

function renderTableRow([
  name,
  { description, defaultText, example, secret },
]: Row): string[] {
  const meaning = [
    description,
    example === undefined ? "" : `Example: \`${example}\`.`,
    secret ? "**Secret.**" : "",
  ];
  const text = meaning.filter((part) => part !== "").join(" ");
  return [
    `\`${name}\``,
    defaultText === undefined ? "" : `\`${defaultText}\``,
    text.replaceAll("|", "\\|"),
  ];
}

function renderTable(head: string[], body: string[][]): string[] {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: string[], fill: string) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  return [
    line(head, " "),
    line(
      head.map(() => ""),
      "-",
    ),
    ...body.map((row) => line(row, " ")),
  ];
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
