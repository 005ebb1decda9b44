import type { Rig } from "../rig/rig.js";
import type { ServiceProcess } from "../rig/service-process.js";
import type { Violation } from "./violation.js";

/** Where a fault must show (O7). A service is a name or a kind: one of them suffices. */
export type Sighting =
  | { readonly service: string; readonly log: RegExp }
  /** A series, its labels included, that has grown. */
  | { readonly service: string; readonly metric: RegExp }
  /** A run's event: its type and payload as text. */
  | { readonly timeline: RegExp };

/** The values of a process's series, by their names with labels. */
type Series = ReadonlyMap<string, number>;

/** How long the logs and the timeline were when a case began, and how much each process had counted, by its id. */
export interface Mark {
  readonly logs: ReadonlyMap<string, number>;
  readonly events: string;
  readonly series: ReadonlyMap<number, Series>;
}

export async function markNow({ fleet, postgres }: Rig): Promise<Mark> {
  const logs = await Promise.all(
    fleet.all.map(
      async (service) => [service.name, (await service.log()).length] as const,
    ),
  );
  const [last] = await postgres.query<{ seq: string }>(
    "SELECT coalesce(max(seq), 0) AS seq FROM run_events",
  );
  const series = await Promise.all(
    fleet.all.map(
      async (service) => [service.pid ?? 0, await seriesOf(service)] as const,
    ),
  );
  return {
    logs: new Map(logs),
    events: last?.seq ?? "0",
    series: new Map(series),
  };
}

async function seriesOf(service: ServiceProcess): Promise<Series> {
  if (!service.isRunning) return new Map();
  const text = await service.metrics().catch(() => "");
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

/** The fault must be seen, and nothing unforeseen may stand beside it. */
export async function checkSightings(
  rig: Rig,
  since: Mark | undefined,
  sightings: readonly Sighting[],
): Promise<Violation[]> {
  const logs = new Map(
    await Promise.all(
      rig.fleet.all.map(async (service) => {
        const from = since?.logs.get(service.name) ?? 0;
        return [service.name, (await service.log()).slice(from)] as const;
      }),
    ),
  );
  const found: Violation[] = [];
  for (const sighting of sightings)
    if (!(await isSeen(rig, sighting, logs, since)))
      found.push({
        rule: "O7",
        what: "the fault was not seen where it should be",
        evidence: Object.fromEntries(
          Object.entries(sighting).map(([key, value]) => [key, String(value)]),
        ),
      });
  for (const [name, log] of logs) {
    const [line] =
      /^.*(?:unhandled ?rejection|uncaught ?exception).*$/im.exec(log) ?? [];
    if (line !== undefined)
      found.push({
        rule: "O7",
        what: `${name} met what nobody had foreseen`,
        evidence: line,
      });
  }
  return found;
}

async function isSeen(
  { fleet, postgres }: Rig,
  sighting: Sighting,
  logs: ReadonlyMap<string, string>,
  since: Mark | undefined,
): Promise<boolean> {
  if ("timeline" in sighting) {
    const events = await postgres.query<{ text: string }>(
      "SELECT type || ' ' || payload::text AS text FROM run_events WHERE seq > $1",
      [since?.events ?? "0"],
    );
    return events.some(({ text }) => sighting.timeline.test(text));
  }
  const named = fleet.all.filter(
    ({ name }) =>
      name === sighting.service || name.startsWith(`${sighting.service}-`),
  );
  if ("log" in sighting)
    return named.some(({ name }) => sighting.log.test(logs.get(name) ?? ""));
  for (const service of named) {
    // A process that has started since counts from zero.
    const before = since?.series.get(service.pid ?? 0);
    for (const [name, value] of await seriesOf(service))
      if (sighting.metric.test(name) && value > (before?.get(name) ?? 0))
        return true;
  }
  return false;
}
