import type { Comment, GitHub } from "@pullwright/github";
import type { Repository } from "@pullwright/persistence";

/**
 * Our comment with this marker; none where the server does not tell who we are. Anyone can copy a marker, and it is better
 * to write a comment twice than to take a stranger's for ours.
 */
export async function findOurs(
  github: GitHub,
  repository: Pick<Repository, "owner" | "name">,
  issueNumber: number,
  search: { readonly marker: string; readonly since: Date },
): Promise<Comment | undefined> {
  const self = await github.identity();
  if (self === null) return undefined;
  return github.comments.findByMarker(repository, issueNumber, {
    ...search,
    authorId: self.id,
  });
}
