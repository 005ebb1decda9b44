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
    text: `SELECT p.workflow_run_id, p.phase, count(*)::int AS results FROM phase_runs p
             JOIN run_events e ON e.workflow_run_id = p.workflow_run_id AND e.execution = p.execution AND e.type = 'phase_finished'
              AND e.payload ->> 'phase' = p.phase AND e.payload ->> 'outcome' IN ('succeeded', 'no_changes')
            GROUP BY p.id HAVING count(*) > (SELECT count(*) FROM phase_runs q WHERE q.workflow_run_id = p.workflow_run_id
              AND q.execution = p.execution AND q.phase = p.phase)`,
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
