import type { RunShape } from "@pullwright/contracts";
import type { PhaseStatus } from "@pullwright/domain";
import { duration } from "./amounts.js";
import type { Paint } from "./paint.js";
import { cut, oneLine } from "./plain-text.js";

export type PhaseShape = RunShape["phases"][number];

/** One turn of the wheel each time the picture is drawn. */
const wheel = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const NAME_WIDTH = 10;
const TIME_WIDTH = 10;
/** Sign and the spaces between. */
const FRAME_WIDTH = 7;

export interface Picture {
  readonly now: Date;
  readonly turn: number;
  readonly width: number;
  readonly paint: Paint;
}

/** The phases of a run as a table, one line each. */
export function phaseRows(
  phases: readonly PhaseShape[],
  picture: Picture,
): string[] {
  const { paint, width, now } = picture;
  const room = Math.max(10, width - NAME_WIDTH - TIME_WIDTH - FRAME_WIDTH);
  return phases.map((phase) => {
    const text = cut(phaseWords(phase), room).padEnd(room);
    const took = phaseMs(phase, now);
    const time = took === undefined ? "" : duration(took);
    const name = phaseName(phase).padEnd(NAME_WIDTH);
    const isIdle = phase.status === "pending" || phase.status === "skipped";
    return [
      ` ${sign(phase.status, picture)}`,
      isIdle ? paint.dim(name) : paint.bold(name),
      phase.status === "failed" ? paint.red(text) : text,
      paint.dim(time.padStart(TIME_WIDTH)),
    ].join(" ");
  });
}

export function phaseName({ phase, round }: PhaseShape): string {
  return round > 1 ? `${phase} ${round}` : phase;
}

/** What is to be said of a phase now. */
export function phaseWords({ status, summary, error }: PhaseShape): string {
  if (error !== null) return oneLine(error);
  if (status === "pending") return "";
  return summary === null || summary === "" ? status : oneLine(summary);
}

/** How long a phase has taken so far. */
export function phaseMs(
  { started_at, completed_at }: PhaseShape,
  now: Date,
): number | undefined {
  if (started_at === null) return undefined;
  const end = completed_at === null ? now : new Date(completed_at);
  return end.getTime() - new Date(started_at).getTime();
}

function sign(status: PhaseStatus, { turn, paint }: Picture): string {
  switch (status) {
    case "running":
      return paint.cyan(wheel[turn % wheel.length] ?? "");
    case "succeeded":
      return paint.green("✔");
    case "failed":
      return paint.red("✖");
    case "no_changes":
    case "cancelled":
      return paint.yellow("–");
    case "waiting":
      return paint.yellow("…");
    case "pending":
    case "queued":
    case "skipped":
      return paint.dim("·");
  }
}
