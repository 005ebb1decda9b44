import type { PhaseFailed } from "../run/phase-result.js";
import { resumeMoment } from "./resume-moment.js";

const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;

/** How long a credential rests at least after probes that failed, by their number: a provider's moment may be too early. */
export const probeBackoff = {
  firstMs: 30 * SECOND,
  factor: 4,
  maxMs: HOUR,
} as const;

/** Until when a credential that was refused work is left alone, as its provider says; null when it was not refused for quota. */
export function restsUntil(failure: PhaseFailed, now: Date): Date | null {
  return failure.failureClass === "quota" && failure.agent !== undefined
    ? resumeMoment(failure.resumeAt, now)
    : null;
}
