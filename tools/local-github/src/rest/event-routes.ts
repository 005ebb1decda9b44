import { listCommits } from "../git/commits.js";
import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { ok } from "../http/reply.js";
import { commentShape } from "../shapes/comment-shape.js";
import {
  issueEventShape,
  repositoryEventShape,
} from "../shapes/event-shape.js";
import { fullIssueShape } from "../shapes/issue-shape.js";
import { isPull, reviewShape } from "../shapes/pull-shape.js";
import { iso } from "../shapes/time.js";
import { userShape } from "../shapes/user-shape.js";
import { repositoryPage, repositoryUrl } from "../state/urls.js";
import type { Issue, IssueEvent } from "../state/model.js";
import { issueOf, param, route } from "./define.js";

/** Facts that GitHub shows in an issue's timeline only. */
const TIMELINE_ONLY = new Set(["cross-referenced", "reviewed"]);

export const eventRoutes: readonly RepositoryRoute[] = [
  route("GET /issues/events", needs.readIssues, (exchange) => {
    const { world, repository } = exchange;
    const newestFirst = repository.events.filter(isListed).reverse();
    return paginated(exchange, newestFirst, (event) =>
      repositoryEventShape(world.urls, repository, event),
    );
  }),
  route("GET /issues/events/{event_id}", needs.readIssues, (exchange) => {
    const { world, repository } = exchange;
    const id = Number(param(exchange, "event_id"));
    const event =
      repository.events
        .filter(isListed)
        .find((candidate) => candidate.id === id) ?? noSuch("event");
    return ok(repositoryEventShape(world.urls, repository, event));
  }),
  route("GET /issues/{issue_number}/events", needs.readIssues, (exchange) => {
    const { world, repository } = exchange;
    const issue = issueOf(exchange);
    const events = repository.events.filter(
      (event) => event.issue === issue && isListed(event),
    );
    return paginated(exchange, events, (event) =>
      issueEventShape(world.urls, repository, event),
    );
  }),
  route(
    "GET /issues/{issue_number}/timeline",
    needs.readIssues,
    async (exchange) => {
      const items = await timeline(exchange, issueOf(exchange));
      return paginated(exchange, items, (item) => item.shape);
    },
  ),
];

const isListed = (event: IssueEvent) => !TIMELINE_ONLY.has(event.event);

interface TimelineItem {
  readonly at: number;
  readonly id: number;
  readonly shape: unknown;
}

/** Everything about an issue in the order it happened: events, comments, commits, reviews, mentions elsewhere. */
async function timeline(
  exchange: RepositoryExchange,
  issue: Issue,
): Promise<TimelineItem[]> {
  const { world, repository } = exchange;
  const items: TimelineItem[] = [];
  for (const event of repository.events) {
    if (event.issue !== issue || event.event === "reviewed") continue;
    const shape = event.source
      ? crossReference(exchange, event, event.source)
      : issueEventShape(world.urls, repository, event);
    items.push({ at: event.createdAt.getTime(), id: event.id, shape });
  }
  for (const comment of repository.comments.values()) {
    if (comment.issue !== issue) continue;
    const shape = {
      event: "commented",
      actor: userShape(world.urls, comment.author.user),
      ...commentShape(world.urls, repository, comment),
    };
    items.push({ at: comment.createdAt.getTime(), id: comment.id, shape });
  }
  if (isPull(issue)) {
    for (const review of issue.pull.reviews) {
      const shape = {
        event: "reviewed",
        ...reviewShape(world.urls, repository, issue, review),
      };
      items.push({ at: review.submittedAt.getTime(), id: review.id, shape });
    }
    for (const commit of await listCommits(
      repository.git,
      `${issue.pull.baseSha}..${issue.pull.headSha}`,
      "--reverse",
    )) {
      items.push({
        at: Date.parse(commit.committer.date),
        id: 0,
        shape: committed(exchange, commit),
      });
    }
  }
  return items.sort((a, b) => a.at - b.at || a.id - b.id);
}

function crossReference(
  { world, repository }: RepositoryExchange,
  event: IssueEvent,
  source: Issue,
) {
  return {
    event: "cross-referenced",
    actor: userShape(world.urls, event.actor.user),
    created_at: iso(event.createdAt),
    updated_at: iso(event.createdAt),
    source: {
      type: "issue",
      issue: fullIssueShape(world.urls, repository, source),
    },
  };
}

function committed(
  { world, repository }: RepositoryExchange,
  commit: Awaited<ReturnType<typeof listCommits>>[number],
) {
  const url = repositoryUrl(world.urls, repository);
  const page = repositoryPage(world.urls, repository);
  return {
    event: "committed",
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${url}/git/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    message: commit.message,
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/git/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
    verification: {
      verified: false,
      reason: "unsigned",
      signature: null,
      payload: null,
      verified_at: null,
    },
  };
}
