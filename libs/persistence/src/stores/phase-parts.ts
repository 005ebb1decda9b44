import type { PhaseRunState } from "@pullwright/domain";
import { changedPhases, phasePatch } from "../rows/run-patch.js";
import { toJson } from "../storable.js";
import type { LoadedRun } from "./run-record.js";
import type { StatementBuilder } from "./statement-builder.js";
import type { Save } from "./transition-save.js";

export const phaseColumns = {
  execution: "int",
  position: "int",
  phase: "text",
  round: "int",
  status: "text",
  fence: "int",
  available_at: "timestamptz",
  infrastructure_losses: "int",
  failed_attempts: "int",
  reused_from: "int",
  agents: "text",
  setbacks: "jsonb",
  result: "jsonb",
  commit_sha: "text",
  output_file: "text",
  error_message: "text",
  error_class: "text",
  started_at: "timestamptz",
  completed_at: "timestamptz",
} as const satisfies Record<keyof ReturnType<typeof phasePatch>, string>;

export const typed = (columns: Readonly<Record<string, string>>): string =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(", ");

const phaseNames = Object.keys(phaseColumns);
const writtenNames = [...phaseNames, "owner", "lease_until", "rung_at"];
const phaseReturning =
  "RETURNING t.id, t.workflow_run_id, t.position, t.status, t.fence, t.available_at";

/** More changed phases than this are written as one set; by themselves each is a part of the statement. */
const PHASES_BY_THEMSELVES = 3;

/** The phases that changed, each by the columns that differ; new ones and many at once as one set. */
export function addPhases(builder: StatementBuilder, save: Save): void {
  const changed = changedPhases(save.before.state, save.after);
  if (changed.length === 0) return;
  const stored = changed.map((phase) => storedPhase(save.before, phase));
  if (changed.length > PHASES_BY_THEMSELVES || stored.includes(undefined))
    addPhaseSet(builder, save, changed);
  else {
    const parts = changed.map((phase, index) => {
      const part = `phase${index.toString()}`;
      addPhase(builder, save, phase, stored[index], part);
      return `SELECT * FROM ${part}`;
    });
    builder.part("phases", parts.join(" UNION ALL "));
  }
  const all =
    "json_agg(json_build_object('id', id, 'position', position, 'status', status, 'fence', fence, 'due', available_at <= now()))";
  builder.column(`${builder.of("phases", "workflow_run_id", all)} AS phases`);
}

function storedPhase(
  { phaseRows }: LoadedRun,
  { execution, position }: PhaseRunState,
): string | undefined {
  return phaseRows.find(
    (row) => row.execution === execution && row.position === position,
  )?.id;
}

function addPhase(
  builder: StatementBuilder,
  { before, after, claim }: Save,
  phase: PhaseRunState,
  id: string | undefined,
  part: string,
): void {
  const was = before.state.phases.find(
    ({ position }) => position === phase.position,
  );
  const sets = builder.changes(
    was === undefined ? {} : phasePatch(was, before.state),
    phasePatch(phase, after),
    phaseColumns,
  );
  const isClaimed = claim !== undefined && phase.status === "running";
  if (isClaimed) {
    sets.push(
      `owner = ${builder.value(claim.owner, "text")}`,
      `lease_until = ${leaseEnd(builder, claim)}`,
    );
  } else sets.push("owner = NULL", "lease_until = NULL");
  if (phase.status === "queued") {
    sets.push(
      `rung_at = CASE WHEN ${builder.value(phase.availableAt, "timestamptz")} <= now() THEN now() END`,
    );
  } else sets.push("rung_at = NULL");
  builder.part(
    part,
    `UPDATE phase_runs t SET ${sets.join(", ")} FROM ${builder.rowsOf("run", "id")} WHERE t.id = ${builder.value(id, "uuid")} ${phaseReturning}`,
  );
}

/** All at once, new ones among them. */
function addPhaseSet(
  builder: StatementBuilder,
  { after, claim }: Save,
  phases: readonly PhaseRunState[],
): void {
  const ofClaimed = (text: string): string =>
    claim === undefined
      ? "NULL"
      : `CASE WHEN x.status = 'running' THEN ${text} END`;
  const owner = claim && builder.value(claim.owner, "text");
  const lease = claim && leaseEnd(builder, claim);
  builder.part(
    "phases",
    `
    INSERT INTO phase_runs AS t (workflow_run_id, ${writtenNames.join(", ")})
    SELECT run.id, ${phaseNames.map((name) => `x.${name}`).join(", ")},
           ${ofClaimed(owner ?? "")}, ${ofClaimed(lease ?? "")}::timestamptz,
           CASE WHEN x.status = 'queued' AND x.available_at <= now() THEN now() END
      FROM jsonb_to_recordset(${builder.value(toJson(phases.map((phase) => phasePatch(phase, after))))}::jsonb) AS x(${typed(phaseColumns)}), run
    ON CONFLICT (workflow_run_id, execution, position) DO UPDATE
       SET ${writtenNames.map((name) => `${name} = excluded.${name}`).join(", ")}
    ${phaseReturning}`,
  );
}

function leaseEnd(
  builder: StatementBuilder,
  { leaseMs }: NonNullable<Save["claim"]>,
): string {
  return `now() + ${builder.value(leaseMs, "int")} * interval '1 millisecond'`;
}
