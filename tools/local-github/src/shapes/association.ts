import type { Repository, User } from "../state/model.js";

/** How an author stands to a repository, as GitHub prints it beside what they wrote. */
export function authorAssociation(
  repository: Repository,
  author: User,
): "OWNER" | "COLLABORATOR" | "NONE" {
  if (author === repository.owner) return "OWNER";
  return repository.collaborators.has(author) ? "COLLABORATOR" : "NONE";
}
