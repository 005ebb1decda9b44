import type { RepositoryRoute } from "../http/exchange.js";
import { HttpError, noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { noContent, ok } from "../http/reply.js";
import { mergePull } from "../operations/merge.js";
import { pullOf, route } from "./define.js";

/** Merging; by rebase it is switched off for every repository here. */
export const mergeRoutes: readonly RepositoryRoute[] = [
  route("GET /pulls/{pull_number}/merge", needs.readPulls, (exchange) =>
    pullOf(exchange).pull.mergedAt === null ? noSuch("merge") : noContent(),
  ),
  route(
    "PUT /pulls/{pull_number}/merge",
    needs.writeContents,
    async (exchange) => {
      const { world, repository, actor, body } = exchange;
      const method =
        body.choice("merge_method", ["merge", "squash", "rebase"] as const) ??
        "merge";
      if (method === "rebase")
        throw new HttpError(
          405,
          "Rebase merges are not allowed on this repository.",
        );
      const input = {
        method,
        title: body.optionalString("commit_title"),
        message: body.optionalString("commit_message"),
        expectedHead: body.optionalString("sha"),
      };
      const sha = await mergePull(
        world,
        repository,
        pullOf(exchange),
        input,
        actor,
      );
      return ok({
        sha,
        merged: true,
        message: "Pull Request successfully merged",
      });
    },
  ),
];
