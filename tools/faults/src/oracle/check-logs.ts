import type { Rig } from "../rig/rig.js";
import { REPOSITORY } from "../rig/surroundings.js";
import { violationsOf, type Violation } from "./violation.js";

/** What is kept of runs and shown to people. */
const tables = [
  "workflow_runs",
  "workflow_logs",
  "run_events",
  "attempts",
  "messages",
  "artifacts",
  "handoffs",
  "effects",
] as const;

/** Names of secrets by the place where they stand. */
type Found = readonly [place: string, secrets: readonly string[]];

/** O8: the services' own words, what is kept of runs, the agents' words among it, and what was written to GitHub. */
export async function checkLogs(rig: Rig): Promise<Violation[]> {
  const secrets: Readonly<Record<string, string>> = {
    ...rig.secrets,
    databasePassword: new URL(rig.postgres.url).password,
  };
  const namesIn = (text: string) =>
    Object.keys(secrets).filter((name) => text.includes(secrets[name] ?? ""));

  const logs = rig.fleet.all.map(async (service): Promise<Found> => [
    `the log of ${service.name}`,
    namesIn(await service.log()),
  ]);
  const stored = tables.map(async (table): Promise<Found> => [
    `a row of ${table}`,
    await storedIn(rig, table, secrets),
  ]);
  const onGitHub: Found = [
    `what was written to ${REPOSITORY}`,
    namesIn(writtenTo(rig)),
  ];
  // Their names alone.
  return [...(await Promise.all([...logs, ...stored])), onGitHub].flatMap(
    ([place, found]) =>
      violationsOf("O8", found, () => `${place} holds a secret`),
  );
}

/** Postgres looks for them: a log may be long. */
async function storedIn(
  { postgres }: Rig,
  table: (typeof tables)[number],
  secrets: Readonly<Record<string, string>>,
): Promise<string[]> {
  const found = await postgres.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[], $2::text[]) AS s(name, secret)
      WHERE EXISTS (SELECT FROM ${table} t WHERE strpos(t::text, secret) > 0)`,
    [Object.keys(secrets), Object.values(secrets)],
  );
  return found.map(({ name }) => name);
}

/** Comments, pull requests, labels and statuses, as they were asked for. */
function writtenTo({ github }: Rig): string {
  return github
    .requests()
    .filter(({ method }) => method !== "GET")
    .map(({ body }) => JSON.stringify(body))
    .join("\n");
}
