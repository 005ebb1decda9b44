import { createHash } from "node:crypto";
import type { LoadedRun, Stores } from "@pullwright/persistence";
import type { Caller } from "../auth/caller.js";
import { ApiProblem } from "../http/api-problem.js";

/** Who asks, and under which key if they may ask twice. */
export interface Origin {
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
}

/** A request that may be repeated: its cause counts once, and stands for this content alone. */
export interface KeyedRequest {
  readonly cause: string;
  readonly requestSha256: string;
}

/** Null without an Idempotency-Key. `door` keeps apart what the same key may be sent to. */
export function keyedRequest(
  { caller, idempotencyKey }: Origin,
  door: string,
  content: object,
): KeyedRequest | null {
  if (idempotencyKey === undefined) return null;
  return {
    cause: `api:${caller.keyId}:${door}${idempotencyKey}`,
    requestSha256: createHash("sha256").update(inOrder(content)).digest("hex"),
  };
}

/**
 * The run that this very request has started or moved before, as it is now; null when the request is new. Refuses
 * another one under the same key.
 */
export async function runOfEarlier(
  stores: Pick<Stores, "causes" | "runs">,
  request: KeyedRequest | null,
): Promise<LoadedRun | null> {
  const spent =
    request === null ? null : await stores.causes.find(request.cause);
  if (request === null || spent === null) return null;
  const { runId, requestSha256 } = spent;
  if (requestSha256 !== null && requestSha256 !== request.requestSha256)
    throw new ApiProblem(
      "idempotency-key-reused",
      "This Idempotency-Key came with another request before; send a new one.",
    );
  const run = await stores.runs.byId(runId);
  if (run !== null) return run;
  throw new ApiProblem(
    "not-possible-now",
    "The run that this Idempotency-Key started was deleted.",
  );
}

/** The same text for the same fields, in whatever order they came; those that were left out are not there. */
function inOrder(content: object): string {
  const fields = Object.entries(content).filter(
    ([, value]) => value !== undefined,
  );
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(fields);
}
