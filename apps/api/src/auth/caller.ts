import type { Access, Endpoint, Scope } from "@pullwright/contracts";
import type { ApiKey, DoneBy, Trigger } from "@pullwright/persistence";
import type { FastifyRequest } from "fastify";

/** Who asks, and what they may do. */
export interface Caller {
  readonly keyId: string;
  /** For histories: `api:` and the key's name. */
  readonly actor: string;
  /** For the audit: the actor and where the request came from. */
  readonly by: DoneBy;
  /** The same for what moves a run. */
  readonly trigger: Trigger;
  may(scope: Scope): boolean;
  /** Null: every repository. */
  readonly repositoryIds: readonly string[] | null;
}

/** The caller that a key stands for, in a request. */
export function callerOf(
  key: ApiKey,
  { ip, id }: Pick<FastifyRequest, "ip" | "id">,
): Caller {
  const actor = `api:${key.name}`;
  return {
    keyId: key.id,
    actor,
    by: { actor, source: "api", origin: ip },
    trigger: { source: "api", origin: ip, requestId: id },
    may: (scope) => key.scopes.includes("admin") || key.scopes.includes(scope),
    repositoryIds: key.repositoryIds,
  };
}

/** Whether the caller may see what belongs to a repository. */
export function sees(caller: Caller, repositoryId: string): boolean {
  return caller.repositoryIds?.includes(repositoryId) ?? true;
}

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    endpoint?: Endpoint;
    /** A route without it is for admins alone. */
    access?: Access;
  }
}
