import type { Comment, Repository } from "../state/model.js";
import { repositoryUrl, type Urls } from "../state/urls.js";
import { appOrNull } from "./app-shape.js";
import { authorAssociation } from "./association.js";
import { issuePage, issueUrl } from "./issue-shape.js";
import { nodeId } from "./node-id.js";
import { reactionsShape } from "./reactions-shape.js";
import { iso } from "./time.js";
import { userShape } from "./user-shape.js";

export function commentShape(
  urls: Urls,
  repository: Repository,
  comment: Comment,
) {
  const url = `${repositoryUrl(urls, repository)}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${issuePage(urls, repository, comment.issue)}#issuecomment-${comment.id}`,
    issue_url: issueUrl(urls, repository, comment.issue),
    id: comment.id,
    node_id: nodeId("comment", comment.id),
    user: userShape(urls, comment.author.user),
    created_at: iso(comment.createdAt),
    updated_at: iso(comment.updatedAt),
    author_association: authorAssociation(repository, comment.author.user),
    body: comment.body,
    reactions: reactionsShape(url, comment.reactions),
    performed_via_github_app: appOrNull(urls, comment.author.app),
  };
}
