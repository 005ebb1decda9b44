import type { Rig } from "../rig/rig.js";
import type { Violation } from "./violation.js";

/** O8: the service's own words, and the agents' as they were stored. */
export async function checkLogs(rig: Rig): Promise<Violation[]> {
  const secrets = {
    ...rig.secrets,
    databasePassword: new URL(rig.postgres.url).password,
  };
  const stored = await rig.postgres.query<{ text: string }>(
    "SELECT coalesce(string_agg(message, E'\\n'), '') AS text FROM workflow_logs",
  );
  const written = rig.fleet.all.map(async (service) => ({
    name: service.name,
    text: await service.log(),
  }));
  const texts = [
    ...(await Promise.all(written)),
    ...stored.map(({ text }) => ({ name: "workflow_logs", text })),
  ];
  return texts.flatMap(({ name, text }) =>
    Object.entries(secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([secret]) => ({
        rule: "O8" as const,
        what: `the log of ${name} holds a secret`,
        evidence: secret, // Its name alone.
      })),
  );
}
