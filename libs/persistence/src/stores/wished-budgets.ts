import { MAX_LIMIT_USD, policyBudgets } from "@pullwright/domain";
import type { Statement } from "../database.js";

const fields = Object.entries(policyBudgets)
  .map(([field, scope]) => `('${field}', '${scope}')`)
  .join(", ");

/**
 * The budgets that the policies of some repositories ask for; those are named by a relation. Malformed wishes are none.
 * They never share an id with a budget that a person set: where both are, both apply.
 */
const wishedByPolicies = (repositories: string): string => `
  SELECT 'policy/' || w.scope || '/' || w.repository_id AS id, w.* FROM (
    SELECT f.scope, p.id AS repository_id, 'policy' AS created_by,
           CASE WHEN jsonb_typeof(p.policy -> f.field) = 'number' AND (p.policy ->> f.field)::numeric BETWEEN 0 AND ${MAX_LIMIT_USD.toString()}
                THEN (p.policy ->> f.field)::numeric(14,6) END AS limit_usd
      FROM ${repositories} p CROSS JOIN (VALUES ${fields}) AS f(field, scope)
  ) w WHERE w.limit_usd IS NOT NULL`;

/** Locks budgets in the order of their ids, as claims do, and only those that change. */
const keepWished = `
  INSERT INTO budgets (id, scope, key, repository_id, limit_usd, created_by)
  SELECT w.id, w.scope, '*', w.repository_id, w.limit_usd, w.created_by FROM wished w
   WHERE NOT EXISTS (SELECT 1 FROM budgets b WHERE b.id = w.id AND b.limit_usd = w.limit_usd) ORDER BY w.id
  ON CONFLICT (id) DO UPDATE SET limit_usd = excluded.limit_usd, updated_at = now()
  RETURNING id, limit_usd`;

/** Parts of a statement that has changed one repository and calls it `changed`: its budgets follow its policy at once. */
export const followPolicy = `
  wished AS (${wishedByPolicies("changed")}),
  dropped AS (
    DELETE FROM budgets b USING changed
     WHERE b.repository_id = changed.id AND b.created_by = 'policy' AND NOT EXISTS (SELECT 1 FROM wished w WHERE w.id = b.id)
  ),
  kept AS (${keepWished})`;

/** All of them, and the installation's own: what a policy said to an older version of this program, or at the same time. */
export const followAll: Statement = {
  name: "budgets_follow_all",
  text: `
  WITH wished AS (
    ${wishedByPolicies("repositories")}
    UNION ALL
    SELECT 'configuration/day', 'day', NULL, 'configuration', $1::numeric(14,6) WHERE $1::numeric IS NOT NULL
  ),
  dropped AS (
    DELETE FROM budgets b
     WHERE b.created_by IN ('policy', 'configuration') AND NOT EXISTS (SELECT 1 FROM wished w WHERE w.id = b.id)
    RETURNING id
  ),
  kept AS (${keepWished}),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, details)
    SELECT $2, $3, $4, 'budget.set', jsonb_build_object('scope', 'day', 'key', '*', 'limit_usd', limit_usd, 'limit_tokens', NULL)
      FROM (SELECT id, limit_usd FROM kept UNION ALL SELECT id, NULL FROM dropped) changes WHERE id = 'configuration/day'
  )
  SELECT id FROM kept UNION ALL SELECT id FROM dropped`,
};
