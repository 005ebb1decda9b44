import { probeBackoff } from "@pullwright/domain";
import type { StatementBuilder } from "./statement-builder.js";

/** A credential that was refused work: until when its provider wants it left alone. */
export interface Rest {
  readonly credential: string;
  readonly agent: string;
  readonly until: Date;
  readonly reason: string;
}

interface Asking {
  readonly claim?: {
    readonly credential: string | null;
    readonly triesAs: string | null;
  };
}

/** The condition under which a claim's credential may be used; nothing where no provider counts. */
export function mayAsk(builder: StatementBuilder, { claim }: Asking): string {
  if (claim === undefined || claim.credential === null) return "";
  const { credential, triesAs } = claim;
  const row = `EXISTS (SELECT 1 FROM breakers WHERE credential = ${builder.value(credential, "text")}`;
  return triesAs === null
    ? ` AND NOT ${row})`
    : ` AND ${row} AND probe_phase_run_id = ${builder.value(triesAs, "uuid")})`;
}

/** The credential is left alone, in the commit of the result; for longer each time that a try was in vain. */
export function addRest(
  builder: StatementBuilder,
  { credential, agent, until, reason }: Rest,
): void {
  const { firstMs, factor, maxMs } = probeBackoff;
  const [first, most] = [firstMs, maxMs].map(
    (ms) => `${ms.toString()} * interval '1 millisecond'`,
  );
  builder.part(
    "rest",
    `
    INSERT INTO breakers AS b (credential, agent, open_until, reason)
    SELECT ${builder.value(credential)}, ${builder.value(agent)}, ${builder.value(until)}::timestamptz, ${builder.value(reason)} FROM run
    ON CONFLICT (credential) DO UPDATE
       SET open_until = greatest(b.open_until, excluded.open_until,
             CASE WHEN b.open_until <= now() THEN now() + least(${most ?? ""}, ${first ?? ""} * ${factor.toString()} ^ least(b.failures, 20)) END),
           failures = b.failures + CASE WHEN b.open_until <= now() THEN 1 ELSE 0 END,
           reason = excluded.reason, probe_until = NULL`,
  );
}

/** The moments of the agents that this run has asked have come: one phase may try, whatever their providers said. */
export function addEarlyTry(builder: StatementBuilder): void {
  builder.part(
    "early",
    `
    UPDATE breakers b SET open_until = now()
      FROM run WHERE b.open_until > now() AND b.agent IN (SELECT agent FROM attempts WHERE workflow_run_id = run.id)`,
  );
}
