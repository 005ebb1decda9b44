import type { PhaseFailed } from "@pullwright/domain";
import type { Database, Statement } from "../database.js";
import type { AttemptRef } from "./attempt-ref.js";

/**
 * In one commit, so at one moment of the database's clock: whatever else this owner has claimed of the run since then, such as
 * in another slot, began later.
 */
const begunWithEnd: Statement = {
  name: "attempt_begun_with_end",
  text: `
  SELECT b.id AS "attemptId", p.id AS "phaseRunId", p.position, p.fence
    FROM attempts a
    JOIN attempts b ON b.workflow_run_id = a.workflow_run_id AND b.started_at = a.ended_at AND b.owner = a.owner
    JOIN phase_runs p ON p.id = b.phase_run_id AND p.fence = b.fence AND p.owner = b.owner AND p.status = 'running'
   WHERE a.id = $1`,
};

/** The attempt that was begun in the commit of another one's end, if its phase is still its own. */
export async function attemptBegunWithEndOf(
  database: Database,
  { attemptId, runId, owner }: AttemptRef,
): Promise<AttemptRef | null> {
  const [row] = await database.query<
    Pick<AttemptRef, "attemptId" | "phaseRunId" | "position" | "fence">
  >(begunWithEnd, [attemptId]);
  // The ledger may know what it reserved.
  return row === undefined ? null : { ...row, runId, owner, isNoted: true };
}

/** Nothing was done, so it costs the phase nothing. */
export const unheard: PhaseFailed = {
  outcome: "failed",
  failureClass: "infrastructure",
  message:
    "The answer to the claim was lost on its way; the phase goes back to the queue.",
  summary: "",
  usage: null,
  handedOver: true,
};
