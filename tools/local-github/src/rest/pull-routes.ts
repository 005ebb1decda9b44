import { listCommits } from "../git/commits.js";
import { hasRole, roleOf } from "../auth/authorize.js";
import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { created, ok } from "../http/reply.js";
import { closeIssue, editIssue, reopenIssue } from "../operations/issues.js";
import { pullDetail } from "../operations/pull-detail.js";
import {
  changeBase,
  openPull,
  startComputingMergeable,
} from "../operations/pulls.js";
import { commitShape, fileShape } from "../shapes/commit-shape.js";
import {
  fullPullShape,
  isPull,
  pullShape,
  type PullIssue,
} from "../shapes/pull-shape.js";
import { pullOf, route } from "./define.js";
import { sorted } from "./list-filters.js";

export const pullRoutes: readonly RepositoryRoute[] = [
  route("GET /pulls", needs.readPulls, (exchange) => {
    const { world, repository } = exchange;
    return paginated(exchange, listed(exchange), (issue) =>
      pullShape(world.urls, repository, issue),
    );
  }),
  route("POST /pulls", needs.openPulls, async (exchange) => {
    const { world, repository, actor, body } = exchange;
    const input = {
      title: body.string("title"),
      body: body.optionalString("body") ?? null,
      head: body.string("head"),
      base: body.string("base"),
      draft: body.boolean("draft", false),
      maintainerCanModify: body.boolean("maintainer_can_modify", false),
    };
    return created(
      await full(exchange, await openPull(world, repository, input, actor)),
    );
  }),
  route("GET /pulls/{pull_number}", needs.readPulls, async (exchange) => {
    const issue = pullOf(exchange);
    const reply = ok(await full(exchange, issue));
    startComputingMergeable(exchange.repository, issue);
    return reply;
  }),
  route("PATCH /pulls/{pull_number}", needs.openPulls, async (exchange) => {
    const { world, repository, actor, body } = exchange;
    const issue = pullOf(exchange);
    const isTrusted =
      exchange.viewer.kind === "token" &&
      exchange.viewer.token.installation !== undefined;
    if (
      !isTrusted &&
      actor.user !== issue.author.user &&
      !hasRole(roleOf(actor.user, repository), "write")
    ) {
      throw new HttpError(403, "Must have write access to Repository.");
    }
    // `draft` is not among the fields: drafts become ready by GraphQL only.
    const state = body.choice("state", ["open", "closed"] as const);
    const base = body.optionalString("base");
    const change = {
      title: body.optionalString("title"),
      body: body.has("body")
        ? (body.optionalString("body") ?? null)
        : undefined,
    };
    if (base !== undefined)
      await changeBase(world, repository, issue, base, actor);
    editIssue(world, repository, issue, change, actor);
    issue.pull.maintainerCanModify = body.boolean(
      "maintainer_can_modify",
      issue.pull.maintainerCanModify,
    );
    if (state === "closed") closeIssue(world, repository, issue, actor);
    if (state === "open") reopenIssue(world, repository, issue, actor);
    return ok(await full(exchange, issue));
  }),
  route("GET /pulls/{pull_number}/files", needs.readPulls, async (exchange) => {
    const { world, repository } = exchange;
    const issue = pullOf(exchange);
    const { files } = await pullDetail(repository, issue);
    return paginated(exchange, files, (file) =>
      fileShape(world.urls, repository, issue.pull.headSha, file),
    );
  }),
  route(
    "GET /pulls/{pull_number}/commits",
    needs.readPulls,
    async (exchange) => {
      const { world, repository } = exchange;
      const { pull } = pullOf(exchange);
      const commits = await listCommits(
        repository.git,
        `${pull.baseSha}..${pull.headSha}`,
        "--reverse",
      );
      return paginated(exchange, commits, (commit) =>
        commitShape(world, repository, commit),
      );
    },
  ),
];

async function full(
  { world, repository }: RepositoryExchange,
  issue: PullIssue,
) {
  return fullPullShape(
    world.urls,
    repository,
    issue,
    await pullDetail(repository, issue),
  );
}

function listed({ repository, query }: RepositoryExchange): PullIssue[] {
  const state = query.get("state") ?? "open";
  const head = query.get("head");
  const base = query.get("base");
  const pulls = [...repository.issues.values()].filter(isPull).filter(
    (issue) =>
      (state === "all" || issue.state === state) &&
      (base === null || issue.pull.baseRef === base) &&
      // Without `owner:` GitHub ignores the filter.
      (!head?.includes(":") ||
        head.toLowerCase() ===
          `${repository.owner.login}:${issue.pull.headRef}`.toLowerCase()),
  );
  const by =
    query.get("sort") === "updated"
      ? (issue: PullIssue) => issue.updatedAt
      : (issue: PullIssue) => issue.createdAt;
  return sorted(pulls, query, by, query.has("sort") ? "asc" : "desc");
}
