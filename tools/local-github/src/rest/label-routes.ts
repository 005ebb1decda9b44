import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError, noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { created, noContent, ok } from "../http/reply.js";
import {
  addLabels,
  createLabel,
  findLabel,
  removeLabel,
  setLabels,
} from "../operations/labels.js";
import { labelShape } from "../shapes/label-shape.js";
import type { Issue } from "../state/model.js";
import { issueOf, param, route } from "./define.js";

export const labelRoutes: readonly RepositoryRoute[] = [
  route("GET /issues/{issue_number}/labels", needs.readIssues, (exchange) => {
    const { world, repository } = exchange;
    return paginated(exchange, issueOf(exchange).labels, (label) =>
      labelShape(world.urls, repository, label),
    );
  }),
  route("POST /issues/{issue_number}/labels", needs.triage, (exchange) => {
    const issue = issueOf(exchange);
    addLabels(
      exchange.world,
      exchange.repository,
      issue,
      labelNames(exchange.body.value) ?? [],
      exchange.actor,
    );
    return shown(exchange, issue);
  }),
  route("PUT /issues/{issue_number}/labels", needs.triage, (exchange) => {
    const issue = issueOf(exchange);
    setLabels(
      exchange.world,
      exchange.repository,
      issue,
      labelNames(exchange.body.value) ?? [],
      exchange.actor,
    );
    return shown(exchange, issue);
  }),
  route("DELETE /issues/{issue_number}/labels", needs.triage, (exchange) => {
    setLabels(
      exchange.world,
      exchange.repository,
      issueOf(exchange),
      [],
      exchange.actor,
    );
    return noContent();
  }),
  route(
    "DELETE /issues/{issue_number}/labels/{name}",
    needs.triage,
    (exchange) => {
      const issue = issueOf(exchange);
      const removed = removeLabel(
        exchange.world,
        exchange.repository,
        issue,
        param(exchange, "name"),
        exchange.actor,
      );
      if (!removed) throw new HttpError(404, "Label does not exist");
      return shown(exchange, issue);
    },
  ),
  route("GET /labels", needs.readIssues, (exchange) => {
    const { world, repository } = exchange;
    return paginated(exchange, [...repository.labels.values()], (label) =>
      labelShape(world.urls, repository, label),
    );
  }),
  route("POST /labels", needs.triage, ({ world, repository, body }) => {
    const input = {
      name: body.string("name"),
      color: body.optionalString("color"),
      description: body.optionalString("description"),
    };
    return created(
      labelShape(world.urls, repository, createLabel(world, repository, input)),
    );
  }),
  route("GET /labels/{name}", needs.readIssues, (exchange) => {
    const label =
      findLabel(exchange.repository, param(exchange, "name")) ??
      noSuch("label");
    return ok(labelShape(exchange.world.urls, exchange.repository, label));
  }),
];

const shown = ({ world, repository }: RepositoryExchange, issue: Issue) =>
  ok(issue.labels.map((label) => labelShape(world.urls, repository, label)));

/** GitHub takes `{labels: ["a"]}`, `{labels: [{name: "a"}]}`, `["a"]` and `[{name: "a"}]`. */
export function labelNames(
  body: unknown,
  field = "labels",
): string[] | undefined {
  const list: unknown = Array.isArray(body)
    ? body
    : isRecord(body)
      ? body[field]
      : undefined;
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list))
    throw new HttpError(422, `Invalid request.\n\n"${field}" is not an array.`);
  return list.map((item: unknown) => {
    const name = isRecord(item) ? item["name"] : item;
    if (typeof name !== "string" || name === "")
      throw new HttpError(422, "Invalid request.\n\nA label has no name.");
    return name;
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
