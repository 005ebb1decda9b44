import type { Rig } from "../rig/rig.js";
import { violationsOf, type Rule, type Violation } from "./violation.js";

/** A question to the database whose every row is a violation. */
interface Question {
  readonly rule: Rule;
  readonly what: string;
  readonly text: string;
}

const live = "('pending', 'running', 'waiting')";

const questions: readonly Question[] = [
  {
    rule: "O2",
    what: "a run neither ended nor waits with a deadline",
    text: `SELECT adw_id, status, waiting_reason FROM workflow_runs
            WHERE status IN ('pending', 'running') OR (status = 'waiting' AND wait_deadline IS NULL)`,
  },
  {
    rule: "O2",
    what: "a delivery was never handled",
    text: "SELECT guid, event, action, failures, verdict_reason FROM deliveries WHERE handled_at IS NULL OR verdict = 'failed'",
  },
  {
    rule: "O2",
    what: "an effect is still to be written",
    text: `SELECT target, kind, status, desired_rev, applied_rev, failures, last_error, next_at FROM effects
            WHERE status IN ('intent', 'acting') AND desired_rev > applied_rev`,
  },
  {
    rule: "O2",
    what: "an effect was given up",
    text: "SELECT target, kind, last_error FROM effects WHERE status = 'failed'",
  },
  {
    rule: "O3",
    what: "a phase has more than one committed result",
    // A phase of several rounds has a row for each; what another execution had done is reused without an event.
    text: `SELECT e.*, p.rows FROM
             (SELECT workflow_run_id, execution, payload ->> 'phase' AS phase, count(*)::int AS results FROM run_events
               WHERE type = 'phase_finished' AND payload ->> 'outcome' IN ('succeeded', 'no_changes') GROUP BY 1, 2, 3) e
             LEFT JOIN
             (SELECT workflow_run_id, execution, phase, count(*)::int AS rows FROM phase_runs
               WHERE status IN ('succeeded', 'no_changes') AND reused_from IS NULL GROUP BY 1, 2, 3) p USING (workflow_run_id, execution, phase)
            WHERE e.results > coalesce(p.rows, 0)`,
  },
  {
    rule: "O3",
    what: "more than one attempt at a phase has succeeded",
    text: `SELECT phase_run_id, count(*)::int AS attempts FROM attempts WHERE outcome IN ('succeeded', 'no_changes')
            GROUP BY phase_run_id HAVING count(*) > 1`,
  },
  {
    rule: "O5",
    what: "a phase of an ended run is held",
    text: `SELECT r.adw_id, p.phase, p.owner, p.lease_until FROM phase_runs p JOIN workflow_runs r ON r.id = p.workflow_run_id
            WHERE r.status NOT IN ${live} AND (p.status = 'running' OR p.lease_until > now())`,
  },
  {
    rule: "O5",
    what: "an attempt at a phase of an ended run goes on",
    text: `SELECT r.adw_id, a.owner, a.fence, a.status FROM attempts a JOIN workflow_runs r ON r.id = a.workflow_run_id
            WHERE r.status NOT IN ${live} AND a.status <> 'ended'`,
  },
];

export async function checkDatabase({ postgres }: Rig): Promise<Violation[]> {
  const answers = await Promise.all(
    questions.map(async ({ rule, what, text }) =>
      violationsOf(rule, await postgres.query(text), () => what),
    ),
  );
  return answers.flat();
}

/** O1: what GitHub or the rig was answered with 2xx. */
export async function checkDeliveries(rig: Rig): Promise<Violation[]> {
  const logged =
    rig.hookId === undefined ? [] : rig.github.deliveries(rig.hookId);
  const accepted = [
    ...logged
      .filter(({ event }) => event !== "ping")
      .map(({ guid, status_code }) => ({ guid, status: status_code })),
    ...rig.sent,
  ].filter(({ status }) => status >= 200 && status < 300);
  const rows = await rig.postgres.query<{ guid: string }>(
    "SELECT guid FROM deliveries",
  );
  const known = new Set(rows.map(({ guid }) => guid));
  return violationsOf(
    "O1",
    accepted.filter(({ guid }) => !known.has(guid)),
    ({ guid }) => `delivery ${guid} was accepted and is not recorded`,
  );
}
