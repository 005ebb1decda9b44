import type { Access, Endpoint, Scope } from "@pullwright/contracts";
import type { ApiKey, DoneBy } from "@pullwright/persistence";

/** Who asks, and what they may do. */
export interface Caller {
  readonly keyId: string;
  /** For histories: `api:` and the key's name. */
  readonly actor: string;
  /** For the audit: the actor and where the request came from. */
  readonly by: DoneBy;
  may(scope: Scope): boolean;
  /** Null: every repository. */
  readonly repositoryIds: readonly string[] | null;
}

/** The caller that a key stands for, at an address. */
export function callerOf(key: ApiKey, ip: string): Caller {
  const actor = `api:${key.name}`;
  return {
    keyId: key.id,
    actor,
    by: { actor, source: "api", origin: ip },
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
