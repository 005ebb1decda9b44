import type { ApiKeyShape } from "@pullwright/contracts";
import type { ApiKeyRecord, Repository } from "@pullwright/persistence";

/** A key as it is shown; `registered` names what it is bound to. */
export function keyShape(
  key: ApiKeyRecord,
  registered: readonly Repository[],
): ApiKeyShape {
  const { repositoryIds } = key;
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    repositories:
      repositoryIds === null
        ? null
        : registered
            .filter(({ id }) => repositoryIds.includes(id))
            .map(({ owner, name }) => `${owner}/${name}`),
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
