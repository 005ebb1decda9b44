import { hasRole, roleOf } from "../auth/authorize.js";
import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError, invalid } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { created, ok } from "../http/reply.js";
import {
  assign,
  closeIssue,
  editIssue,
  openIssue,
  reopenIssue,
  unassign,
} from "../operations/issues.js";
import { setLabels } from "../operations/labels.js";
import { fullIssueShape } from "../shapes/issue-shape.js";
import type { Issue } from "../state/model.js";
import { labelNames } from "./label-routes.js";
import { issueOf, route, usersNamed } from "./define.js";
import { since, sorted } from "./list-filters.js";

const STATE_REASONS = [
  "completed",
  "not_planned",
  "duplicate",
  "reopened",
] as const;

const MAX_TITLE_CHARACTERS = 256;

/** Issues, pull requests among them, as GitHub lists them. */
export const issueRoutes: readonly RepositoryRoute[] = [
  route("GET /issues", needs.readIssues, (exchange) => {
    const { world, repository } = exchange;
    return paginated(exchange, listed(exchange), (issue) =>
      fullIssueShape(world.urls, repository, issue),
    );
  }),
  route("POST /issues", needs.openIssues, (exchange) => {
    const { world, repository, actor, body } = exchange;
    const title = body.string("title");
    requireTitle(title);
    // Who may not triage may open issues, but labels and assignees are left out without a word.
    const trusted = mayTriage(exchange);
    const input = {
      title,
      body: body.optionalString("body") ?? null,
      labels: trusted ? (labelNames(body.value, "labels") ?? []) : [],
      assignees: trusted ? usersNamed(exchange, body.strings("assignees")) : [],
    };
    return created(
      fullIssueShape(
        world.urls,
        repository,
        openIssue(world, repository, input, actor),
      ),
    );
  }),
  route("GET /issues/{issue_number}", needs.readIssues, (exchange) =>
    ok(
      fullIssueShape(
        exchange.world.urls,
        exchange.repository,
        issueOf(exchange),
      ),
    ),
  ),
  route("PATCH /issues/{issue_number}", needs.comment, (exchange) => {
    const issue = issueOf(exchange);
    change(exchange, issue);
    return ok(fullIssueShape(exchange.world.urls, exchange.repository, issue));
  }),
  route(
    "GET /issues/{issue_number}/dependencies/blocked_by",
    needs.readIssues,
    (exchange) => {
      const { world, repository } = exchange;
      return paginated(exchange, issueOf(exchange).blockedBy, (issue) =>
        fullIssueShape(world.urls, repository, issue),
      );
    },
  ),
  route("POST /issues/{issue_number}/assignees", needs.triage, (exchange) => {
    const { world, repository, actor, body } = exchange;
    const issue = issueOf(exchange);
    assign(
      world,
      repository,
      issue,
      usersNamed(exchange, body.strings("assignees")),
      actor,
    );
    return created(fullIssueShape(world.urls, repository, issue));
  }),
  route("DELETE /issues/{issue_number}/assignees", needs.triage, (exchange) => {
    const { world, repository, actor, body } = exchange;
    const issue = issueOf(exchange);
    unassign(
      world,
      repository,
      issue,
      usersNamed(exchange, body.strings("assignees")),
      actor,
    );
    return ok(fullIssueShape(world.urls, repository, issue));
  }),
];

/** The author may edit and close; labels and assignees take triage. */
function change(exchange: RepositoryExchange, issue: Issue): void {
  const { world, repository, actor, body } = exchange;
  const trusted = mayTriage(exchange);
  if (!trusted && actor.user !== issue.author.user)
    throw new HttpError(403, "Must have admin rights to Repository.");

  const state = body.choice("state", ["open", "closed"] as const);
  const reason = body.choice("state_reason", STATE_REASONS);
  const title = body.optionalString("title");
  if (title !== undefined) requireTitle(title);
  editIssue(
    world,
    repository,
    issue,
    {
      title,
      body: body.has("body")
        ? (body.optionalString("body") ?? null)
        : undefined,
    },
    actor,
  );
  const labels = labelNames(body.value, "labels");
  if (trusted && labels !== undefined)
    setLabels(world, repository, issue, labels, actor);
  if (trusted && body.has("assignees")) {
    const wanted = usersNamed(exchange, body.strings("assignees"));
    unassign(
      world,
      repository,
      issue,
      issue.assignees.filter((user) => !wanted.includes(user)),
      actor,
    );
    assign(world, repository, issue, wanted, actor);
  }
  if (state === "closed")
    closeIssue(
      world,
      repository,
      issue,
      actor,
      reason === "reopened" ? undefined : reason,
    );
  if (state === "open") reopenIssue(world, repository, issue, actor);
}

function requireTitle(title: string): void {
  if (title.trim() === "")
    throw invalid({ resource: "Issue", code: "missing_field", field: "title" });
  if (title.length > MAX_TITLE_CHARACTERS) {
    throw invalid({
      resource: "Issue",
      code: "custom",
      field: "title",
      message: "title is too long (maximum is 256 characters)",
    });
  }
}

const mayTriage = ({ viewer, repository, actor }: RepositoryExchange) =>
  (viewer.kind === "token" && viewer.token.installation !== undefined) ||
  hasRole(roleOf(actor.user, repository), "triage");

function listed({ repository, query }: RepositoryExchange): Issue[] {
  const state = query.get("state") ?? "open";
  const labels = (query.get("labels") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const creator = query.get("creator")?.toLowerCase();
  const assignee = query.get("assignee")?.toLowerCase();
  const issues = [...repository.issues.values()].filter(
    (issue) =>
      (state === "all" || issue.state === state) &&
      labels.every((name) =>
        issue.labels.some((label) => label.name.toLowerCase() === name),
      ) &&
      (creator === undefined ||
        issue.author.user.login.toLowerCase() === creator) &&
      matchesAssignee(issue, assignee),
  );
  const sort = query.get("sort") ?? "created";
  const by =
    sort === "updated"
      ? (issue: Issue) => issue.updatedAt
      : (issue: Issue) => issue.createdAt;
  return sorted(
    since(issues, query, (issue) => issue.updatedAt),
    query,
    by,
    "desc",
  );
}

function matchesAssignee(issue: Issue, assignee: string | undefined): boolean {
  if (assignee === undefined) return true;
  if (assignee === "*") return issue.assignees.length > 0;
  if (assignee === "none") return issue.assignees.length === 0;
  return issue.assignees.some((user) => user.login.toLowerCase() === assignee);
}
