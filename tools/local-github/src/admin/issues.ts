import { noSuch } from "../http/http-error.js";
import {
  addComment,
  deleteComment,
  editComment,
} from "../operations/comments.js";
import {
  closeIssue,
  editIssue,
  openIssue,
  reopenIssue,
} from "../operations/issues.js";
import { addLabels, removeLabel } from "../operations/labels.js";
import { commentShape } from "../shapes/comment-shape.js";
import { repositoryEventShape } from "../shapes/event-shape.js";
import { fullIssueShape } from "../shapes/issue-shape.js";
import type { World } from "../state/world.js";

/** Issues (pull requests among them), their labels and comments, as people work on them. An actor is a login. */
export function issues(world: World) {
  const actorOf = (login: string) => ({ user: world.user(login) });
  const find = (repo: string, number: number) => {
    const repository = world.repository(repo);
    return [repository, world.issue(repository, number)] as const;
  };
  const findComment = (repo: string, id: number) => {
    const repository = world.repository(repo);
    return [
      repository,
      repository.comments.get(id) ?? noSuch("comment"),
    ] as const;
  };

  return {
    createIssue(input: {
      readonly repo: string;
      readonly title: string;
      readonly body?: string | null;
      readonly author: string;
      readonly labels?: readonly string[];
    }) {
      const repository = world.repository(input.repo);
      const issue = openIssue(
        world,
        repository,
        { body: null, ...input },
        actorOf(input.author),
      );
      return fullIssueShape(world.urls, repository, issue);
    },

    getIssue(repo: string, number: number) {
      return fullIssueShape(world.urls, ...find(repo, number));
    },

    editIssue(
      repo: string,
      number: number,
      change: { readonly title?: string; readonly body?: string | null },
      actor: string,
    ): void {
      editIssue(world, ...find(repo, number), change, actorOf(actor));
    },

    closeIssue(
      repo: string,
      number: number,
      actor: string,
      reason?: "completed" | "not_planned",
    ): void {
      closeIssue(world, ...find(repo, number), actorOf(actor), reason);
    },

    reopenIssue(repo: string, number: number, actor: string): void {
      reopenIssue(world, ...find(repo, number), actorOf(actor));
    },

    /** Says that the issue is blocked by another one of the repository. */
    blockIssue(repo: string, number: number, by: number): void {
      find(repo, number)[1].blockedBy.push(find(repo, by)[1]);
    },

    addLabel(repo: string, number: number, label: string, actor: string): void {
      addLabels(world, ...find(repo, number), [label], actorOf(actor));
    },

    removeLabel(
      repo: string,
      number: number,
      label: string,
      actor: string,
    ): void {
      removeLabel(world, ...find(repo, number), label, actorOf(actor));
    },

    comment(repo: string, number: number, body: string, actor: string) {
      const [repository, issue] = find(repo, number);
      return commentShape(
        world.urls,
        repository,
        addComment(world, repository, issue, body, actorOf(actor)),
      );
    },

    editComment(
      repo: string,
      commentId: number,
      body: string,
      actor: string,
    ): void {
      editComment(world, ...findComment(repo, commentId), body, actorOf(actor));
    },

    deleteComment(repo: string, commentId: number, actor: string): void {
      deleteComment(world, ...findComment(repo, commentId), actorOf(actor));
    },

    /** The comments of an issue, oldest first. */
    listComments(repo: string, number: number) {
      const [repository, issue] = find(repo, number);
      const comments = [...repository.comments.values()].filter(
        (comment) => comment.issue === issue,
      );
      return comments.map((comment) =>
        commentShape(world.urls, repository, comment),
      );
    },

    /** The events of an issue, oldest first, those of the timeline among them. */
    listEvents(repo: string, number: number) {
      const [repository, issue] = find(repo, number);
      const events = repository.events.filter((event) => event.issue === issue);
      return events.map((event) =>
        repositoryEventShape(world.urls, repository, event),
      );
    },
  };
}
