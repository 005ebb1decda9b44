import type { LimitKind } from "@pullwright/domain";
import type { Database } from "../database.js";
import { addOrder, isAdmitted, type DispatchRules } from "./dispatch-order.js";
import { StatementBuilder } from "./statement-builder.js";

/** Why a queued phase has not begun. */
export type QueuedWhy =
  /** Only for a free runner. */
  | "runner"
  /** As many phases run as this limit lets run at once. */
  | `limit_${LimitKind}`
  /** A pause after a failed attempt. */
  | "back_off"
  /** The quota of every agent that may do it is used up. */
  | "quota"
  /** For nothing: it was just given to a runner, which is about to claim it. */
  | "given";

export interface QueuedPhases {
  readonly why: QueuedWhy;
  readonly count: number;
}

/** How many phases are queued, by what each waits for; what no phase waits for is left out. */
export async function queuedByWhy(
  database: Database,
  rules: DispatchRules,
): Promise<readonly QueuedPhases[]> {
  const builder = new StatementBuilder("dispatch_queued_by_why");
  addOrder(builder, rules);
  builder.part(
    "reasons",
    `
    SELECT coalesce('limit_' || held_by, 'runner') AS why FROM ranked
    UNION ALL
    SELECT CASE WHEN p.available_at > now() THEN 'back_off' WHEN ${isAdmitted("p")} THEN 'given' ELSE 'quota' END
      FROM phase_runs p WHERE p.status = 'queued' AND NOT EXISTS (SELECT 1 FROM waiting WHERE waiting.id = p.id)`,
  );
  builder.column(
    `(SELECT json_agg(json_build_object('why', why, 'count', count)) FROM (SELECT why, count(*)::int AS count FROM reasons GROUP BY why) AS counted) AS queued`,
  );
  const { statement, values } = builder.build();
  const [row] = await database.query<{
    queued: readonly QueuedPhases[] | null;
  }>(statement, values);
  return row?.queued ?? [];
}
