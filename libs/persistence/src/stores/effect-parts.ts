import type { StatementBuilder } from "./statement-builder.js";
import type { Save } from "./transition-save.js";

/** At most one write a target in this time. */
const EFFECT_SPACING_SECONDS = 5;
/** A ring is not repeated within this time; should it be lost, the reconciler makes it again. */
const RING_ON_ITS_WAY_SECONDS = 1;

/**
 * Effects become desired anew. One that nobody has begun since it was last desired stays as it is: whoever begins it reads
 * the run after this transition, for this statement locks the row in any case.
 */
export function addEffects(
  builder: StatementBuilder,
  kinds: Save["effects"],
): void {
  if (kinds.length === 0) return;
  builder.part(
    "effect",
    `
    INSERT INTO effects AS f (workflow_run_id, repository_id, issue_number, kind, target, status, rung_at)
    SELECT run.id, run.repository_id, run.issue_number, k.kind, 'run:' || run.id || ':' || k.kind, 'intent', now()
      FROM ${builder.rowsOf("run", "id")}, LATERAL unnest(${builder.value(kinds, "text[]")}) AS k(kind)
     WHERE run.issue_number IS NOT NULL OR k.kind NOT IN ('status_comment', 'labels')
    ON CONFLICT (target) DO UPDATE
       SET desired_rev = f.desired_rev + 1,
           status = CASE WHEN f.status = 'acting' THEN 'acting' ELSE 'intent' END,
           failures = 0,
           next_at = greatest(now(), f.applied_at + interval '${EFFECT_SPACING_SECONDS.toString()} seconds'),
           rung_at = CASE
             -- Whoever acts leaves it to the reconciler when there is more to do.
             WHEN f.status = 'acting' AND f.lease_until > now() THEN f.rung_at
             -- Not due yet: left unrung, so that the reconciler rings at the first tick after the spacing.
             WHEN f.applied_at > now() - interval '${EFFECT_SPACING_SECONDS.toString()} seconds' THEN NULL
             ELSE now() END,
           updated_at = now()
     WHERE NOT (f.status = 'intent' AND f.desired_rev > f.applied_rev AND f.failures = 0
                AND (f.next_at > now() OR f.rung_at > now() - interval '${RING_ON_ITS_WAY_SECONDS.toString()} seconds'))
    RETURNING f.workflow_run_id, f.id, f.desired_rev AS rev, coalesce(f.rung_at = now(), false) AS due`,
  );
  const all = "json_agg(json_build_object('id', id, 'rev', rev, 'due', due))";
  builder.column(`${builder.of("effect", "workflow_run_id", all)} AS effects`);
}
