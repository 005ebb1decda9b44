import type { RunShape } from "@pullwright/contracts";
import { table } from "./table.js";
import { line, lines, paint, type Colour, type Terminal } from "./terminal.js";
import { elapsed, usd } from "./words.js";

const marks: Readonly<
  Record<RunShape["phases"][number]["status"], readonly [string, Colour]>
> = {
  pending: ["·", "dim"],
  queued: ["·", "cyan"],
  running: ["▶", "cyan"],
  waiting: ["‖", "yellow"],
  succeeded: ["✓", "green"],
  no_changes: ["✓", "green"],
  failed: ["✗", "red"],
  skipped: ["-", "dim"],
  cancelled: ["✗", "yellow"],
};

/** A run's head and its phases, as lines that fit the terminal. */
export function runView(run: RunShape, terminal: Terminal): string[] {
  const of =
    run.issue_number === null
      ? run.repository
      : `${run.repository}#${run.issue_number.toString()}`;
  const rows = run.phases.map((phase) => [
    marks[phase.status][0],
    phase.round > 1
      ? `${line(phase.phase)} (round ${phase.round.toString()})`
      : line(phase.phase),
    phase.status,
    elapsed(phase.started_at, phase.completed_at),
    line(phase.error ?? phase.summary),
  ]);
  const width = terminal.columns() - 3; // Two of indent, and the last column stays free.
  const painted = table(rows, width).map((row, index) => {
    const status = run.phases[index]?.status ?? "pending";
    return `  ${paint(terminal, marks[status][1], row.slice(0, 1))}${row.slice(1)}`;
  });
  const head = `${run.adw_id}  ${run.workflow}  ${line(of)}  ${line(run.title)}`;
  return [
    paint(terminal, "bold", head.slice(0, terminal.columns() - 1)),
    ...painted,
    ...waitOf(run),
  ];
}

function waitOf({ waiting }: RunShape): string[] {
  if (waiting === null) return [];
  return [`  waits for ${waiting.reason}: ${line(waiting.message)}`];
}

/** How a run ended, or where it stands, in a few sentences. */
export function resultOf(run: RunShape, terminal: Terminal): string[] {
  const spent = usd(run.cost.spent_usd);
  const time = elapsed(run.started_at, run.completed_at);
  const tail = [time, spent].filter((part) => part !== "").join(", ");
  const said = [
    `${run.status}${run.outcome ? `: ${run.outcome}` : ""} (${tail})`,
  ];
  const colour: Colour =
    run.status === "completed"
      ? "green"
      : run.status === "failed"
        ? "red"
        : "yellow";
  return [
    ...said.map((text) => paint(terminal, colour, text)),
    ...(run.pull_request_url ? [line(run.pull_request_url)] : []),
    ...(run.error_message
      ? [
          `${run.error_class ?? "error"}${run.error_phase ? ` in ${line(run.error_phase)}` : ""}:`,
          lines(run.error_message, "  "),
        ]
      : []),
  ];
}
