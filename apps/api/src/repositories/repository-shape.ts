import type { RepositoryShape } from "@pullwright/contracts";
import type { Repository } from "@pullwright/persistence";

export function repositoryShape(repository: Repository): RepositoryShape {
  return {
    id: repository.id,
    github_id: repository.githubId,
    full_name: `${repository.owner}/${repository.name}`,
    owner: repository.owner,
    name: repository.name,
    default_branch: repository.defaultBranch,
    enabled: repository.enabled,
    policy: { ...repository.policy },
    created_at: repository.createdAt.toISOString(),
  };
}
