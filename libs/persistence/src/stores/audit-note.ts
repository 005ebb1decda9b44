/** What is noted of things that are no transition of a run; those have `run_events`. */
export const auditActions = [
  "access.forbidden",
  "access.foreign",
  "access.throttled",
  "access.unauthorized",
  "api_key.configured",
  "api_key.created",
  "api_key.revoked",
  "audit.exported",
  "budget.set",
  "repository.added",
  "repository.changed",
  "repository.renamed",
  "retention.removed",
  "run.deleted",
  "trigger.refused",
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Who did it, by which way, from where. */
export interface DoneBy {
  /** `api:` and a key's name, a login, or a process; never a key. */
  readonly actor: string;
  readonly source: "api" | "label" | "comment" | "configuration" | "retention";
  /** The address that it came from. */
  readonly origin?: string;
}

/** What set a transition of a run off, for its history. */
export interface Trigger {
  /** By which way it came; a run that nobody told of was found by `comparison` with GitHub. */
  readonly source:
    | "api"
    | "label"
    | "comment"
    | "webhook"
    | "poll"
    | "hook_log"
    | "comparison";
  /** The delivery that told of it. */
  readonly deliveryId?: string;
  /** When it was asked for, on GitHub's clock. */
  readonly askedAt?: string;
  /** The API's request, as its log names it. */
  readonly requestId?: string;
  /** The address that it came from. */
  readonly origin?: string;
}

/** A trigger as the payload of a run's event has it; what is not known is left out. */
export const triggerPayload = ({
  source,
  deliveryId,
  askedAt,
  requestId,
  origin,
}: Trigger): Readonly<Record<string, string>> => ({
  source,
  ...(deliveryId === undefined ? {} : { delivery_id: deliveryId }),
  ...(askedAt === undefined ? {} : { asked_at: askedAt }),
  ...(requestId === undefined ? {} : { request_id: requestId }),
  ...(origin === undefined ? {} : { origin }),
});

/** What a process does at its start, because its configuration says so. */
export const byConfiguration: DoneBy = {
  actor: "configuration",
  source: "configuration",
};

/** One entry to be made; the moment is the database's. */
export interface AuditNote {
  readonly by: DoneBy;
  readonly action: AuditAction;
  /** Where one cause is to be noted once only. */
  readonly cause?: string;
  readonly repository?: { readonly id: string; readonly fullName: string };
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The values of `actor`, `source` and `origin`. */
export const valuesOf = ({ actor, source, origin }: DoneBy): unknown[] => [
  actor,
  source,
  origin ?? null,
];
