import { allAgentsRest } from "./breakers.js";
import type { StatementBuilder } from "./statement-builder.js";

/** The installation's rules for which phase is begun next. */
export interface DispatchRules {
  /** Phases that run at once; null: no limit. */
  readonly maxPhases: number | null;
  /** Phases that one agent works on at once; null: no limit. */
  readonly maxPerAgent: number | null;
  /** Who works for a run that names no agent. */
  readonly defaultAgent: string;
  /** What the asker's agents are counted by; left out: whatever anybody's are. Phases that none of them may do now are not given. */
  readonly credentials?: readonly string[];
  /** A phase rises by one class of priority for each of these that it waits. */
  readonly ageingMs: number;
}

/** True while a phase is kept for the runner that it was given to. */
export const isAdmitted = (p: string): string =>
  `(${p}.admitted_until > now() AND ${p}.admitted_fence = ${p}.fence)`;

const kept = isAdmitted("p");
const MAX_WEIGHT = 100;

const wholeNumber = (key: string, least: number, otherwise: string) => `
  CASE WHEN jsonb_typeof(repo.policy -> '${key}') = 'number' AND (repo.policy ->> '${key}')::numeric >= ${least.toString()}
       THEN least(floor((repo.policy ->> '${key}')::numeric), ${key === "weight" ? MAX_WEIGHT : 1_000_000})::int ELSE ${otherwise} END`;

/** The limit of a repository `repo`; null when it sets none. */
export const maxConcurrent = wholeNumber("max_concurrent", 0, "NULL");

/**
 * Adds the parts that say who stands where: `waiting` has every phase that might begin now, `shares` every repository that
 * has or wants a slot, `ranked` the order.
 *
 * - The class of priority comes first. Waiting raises it, but never above the highest that somebody asked for: a long
 *   backlog must not stand before another repository's new run.
 * - Then whether the repository has its share of the slots already, by its weight.
 * - Then turns, as in stride scheduling: each costs a repository the inverse of its weight, so that shares come out right
 *   with a single slot too. One that comes back from idleness has saved up one turn at most.
 * - Then the age.
 */
export function addOrder(
  builder: StatementBuilder,
  rules: DispatchRules,
): void {
  const defaultAgent = builder.value(rules.defaultAgent);
  const agent = `split_part(coalesce(nullif(p.agents, ''), ${defaultAgent}::text), ',', 1)`;
  const credentials =
    rules.credentials && builder.value([...rules.credentials]);
  builder.part(
    "slots",
    `
    SELECT r.id AS workflow_run_id, r.repository_id, CASE WHEN p.agents IS NOT NULL THEN coalesce(a.agent, ${agent}) END AS agent
      FROM phase_runs p JOIN workflow_runs r ON r.id = p.workflow_run_id LEFT JOIN attempts a ON a.phase_run_id = p.id AND a.fence = p.fence
     WHERE p.status = 'running' AND p.owner IS NOT NULL AND p.lease_until > now()
    UNION ALL
    SELECT r.id, r.repository_id, CASE WHEN p.agents IS NOT NULL THEN ${agent} END
      FROM phase_runs p JOIN workflow_runs r ON r.id = p.workflow_run_id
     WHERE p.status = 'queued' AND ${kept}`,
  );
  builder.part(
    "waiting",
    `
    SELECT p.id, p.workflow_run_id, p.available_at, r.repository_id, r.priority, CASE WHEN p.agents IS NOT NULL THEN ${agent} END AS agent
      FROM phase_runs p JOIN workflow_runs r ON r.id = p.workflow_run_id
     WHERE p.status = 'queued' AND p.available_at <= now() AND ${kept} IS NOT TRUE AND NOT ${allAgentsRest("p", defaultAgent, credentials)}`,
  );
  builder.part(
    "shares",
    `
    SELECT s.*, (sum(s.slots) OVER ())::int AS all_slots, sum(s.weight) OVER () AS all_weights,
           greatest(s.given, max(s.given) OVER () - 1) AS turns,
           -- Its share of the slots in use and of the one to be given, in whole slots.
           ceil((sum(s.slots) OVER () + 1) * s.weight / sum(s.weight) OVER ()) AS share
      FROM (SELECT repo.id, repo.turns AS given, coalesce(used.slots, 0)::bigint AS slots,
                   ${wholeNumber("weight", 1, "1")}::bigint AS weight, ${maxConcurrent} AS max_concurrent
              FROM repositories repo LEFT JOIN (SELECT repository_id, count(*) AS slots FROM slots GROUP BY 1) used ON used.repository_id = repo.id
             WHERE used.slots IS NOT NULL OR repo.id IN (SELECT repository_id FROM waiting)) s`,
  );
  const age = `extract(epoch FROM now() - available_at) * 1000 / ${builder.value(rules.ageingMs)}::float8`;
  builder.part(
    "ranked",
    `
    SELECT w.*, s.weight, s.slots, s.turns, s.all_slots, s.all_weights, s.slots + w.nth > s.share AS over_share,
           s.turns + (w.nth - 1) / s.weight::float8 AS turn, ${limit(builder, rules)} AS held_by
      FROM (SELECT *, row_number() OVER (PARTITION BY repository_id ORDER BY class DESC, available_at, id) AS nth
              FROM (SELECT *, least(priority + floor(${age}), (SELECT max(priority) FROM waiting))::int AS class FROM waiting) classed) w
      JOIN shares s ON s.id = w.repository_id`,
  );
}

/** The order of `ranked`. */
export const rankedOrder = "class DESC, over_share, turn, available_at, id";

/** Whose limit holds the phase back; null when it may begin. */
function limit(
  builder: StatementBuilder,
  { maxPhases, maxPerAgent }: DispatchRules,
): string {
  const cases = [
    "WHEN s.slots >= s.max_concurrent THEN 'repository'",
    ...(maxPhases === null
      ? []
      : [
          `WHEN s.all_slots >= ${builder.value(maxPhases)}::int THEN 'installation'`,
        ]),
    ...(maxPerAgent === null
      ? []
      : [
          `WHEN w.agent IN (SELECT agent FROM slots GROUP BY agent HAVING count(*) >= ${builder.value(maxPerAgent)}::int) THEN 'agent'`,
        ]),
  ];
  return `CASE ${cases.join(" ")} END`;
}
