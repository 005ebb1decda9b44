import type { Database, Statement } from "../database.js";

/** A credential whose quota is used up, as far as anybody knows. */
export interface Breaker {
  readonly credential: string;
  readonly agent: string;
  /** Nobody asks before; from then on one phase at a time tries. */
  readonly openUntil: Date;
  readonly reason: string;
  /** Its moment has come, and nobody tries yet. */
  readonly mayTry: boolean;
}

/** A claim is two statements, each of which Postgres ends after ten seconds; a try that came to nothing is free again then. */
const CLAIM_WITHIN = "interval '20 seconds'";

/** Somebody has the try: their claim is on its way, or they work. */
const isTried = `(coalesce(b.probe_until > now(), false)
    OR EXISTS (SELECT 1 FROM phase_runs q WHERE q.id = b.probe_phase_run_id AND q.status = 'running' AND q.lease_until > now()))`;

const rests = `(b.open_until > now() OR ${isTried})`;

/**
 * True for a queued phase while no agent that may do it is to be asked: all of their credentials rest. Costs a look at an
 * empty table while none does.
 *
 * @param phase alias of `phase_runs`
 * @param defaultAgent placeholder of the agent that works for a run that names none
 * @param credentials placeholder of the asker's own credentials; left out, those of everybody
 */
export const allAgentsRest = (
  phase: string,
  defaultAgent: string,
  credentials?: string,
): string => `
  (EXISTS (SELECT 1 FROM breakers) AND ${phase}.agents IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM unnest(string_to_array(coalesce(nullif(${phase}.agents, ''), ${defaultAgent}::text), ',')) AS named(agent)
     WHERE NOT EXISTS (SELECT 1 FROM breakers b WHERE b.agent = named.agent AND ${rests}${credentials === undefined ? "" : ` AND b.credential = ANY(${credentials}::text[])`})))`;

const select = (where: string): string => `
  SELECT b.credential, b.agent, b.open_until AS "openUntil", b.reason, NOT ${rests} AS "mayTry" FROM breakers b WHERE ${where}`;

const ofCredentials: Statement = {
  name: "breakers_of_credentials",
  text: select("b.credential = ANY($1::text[])"),
};

const ofAgents: Statement = {
  name: "breakers_of_agents",
  text: `${select("b.agent = ANY($1::text[])")} ORDER BY b.open_until`,
};

const take: Statement = {
  name: "breaker_take",
  text: `
  UPDATE breakers b SET probe_phase_run_id = $2, probe_until = now() + ${CLAIM_WITHIN}
   WHERE b.credential = $1 AND NOT ${rests}
  RETURNING 1`,
};

const close: Statement = {
  name: "breaker_close",
  text: `
  WITH closed AS (DELETE FROM breakers WHERE credential = $1 AND probe_phase_run_id = $2 RETURNING agent)
  UPDATE phase_runs SET rung_at = NULL FROM closed WHERE status = 'queued' AND available_at <= now()`,
};

/** The credentials that are left alone until their quota is back. */
export class Breakers {
  constructor(private readonly database: Database) {}

  /** Those among these credentials whose quota is used up. */
  among(credentials: readonly string[]): Promise<Breaker[]> {
    return this.database.query<Breaker>(ofCredentials, [credentials]);
  }

  /** Those of these agents, whoever holds the credential; the first to come back first. */
  ofAgents(agents: readonly string[]): Promise<Breaker[]> {
    return this.database.query<Breaker>(ofAgents, [agents]);
  }

  /** Lets this phase try whether the quota is back; false when it is too early or another one does. */
  async take(credential: string, phaseRunId: string): Promise<boolean> {
    const rows = await this.database.query(take, [credential, phaseRunId]);
    return rows.length === 1;
  }

  /** The phase that tried was served: everybody may ask again, and is rung by the reconciler's next round. */
  async close(credential: string, phaseRunId: string): Promise<void> {
    await this.database.query(close, [credential, phaseRunId]);
  }
}
