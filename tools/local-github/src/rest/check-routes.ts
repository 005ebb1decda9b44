import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError, noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import type { RequestBody } from "../http/request-body.js";
import { created, ok } from "../http/reply.js";
import { createCheckRun, updateCheckRun } from "../operations/checks.js";
import { checkRunShape } from "../shapes/check-shape.js";
import type { App, CheckRun } from "../state/model.js";
import { commitNamed, param, route } from "./define.js";

const STATUSES = [
  "queued",
  "in_progress",
  "completed",
  "waiting",
  "requested",
  "pending",
] as const;
const CONCLUSIONS = [
  "action_required",
  "cancelled",
  "failure",
  "neutral",
  "success",
  "skipped",
  "stale",
  "timed_out",
] as const;

/** Check runs, which only an App may write. */
export const checkRoutes: readonly RepositoryRoute[] = [
  route("GET /commits/{ref}/check-runs", needs.readChecks, async (exchange) => {
    const { world, repository, query } = exchange;
    const sha = await commitNamed(exchange, param(exchange, "ref"));
    const name = query.get("check_name");
    const runs = [...repository.checkRuns.values()]
      .filter((run) => run.sha === sha && (name === null || run.name === name))
      .reverse();
    return paginated(
      exchange,
      runs,
      (run) => checkRunShape(world.urls, repository, run),
      (check_runs) => ({ total_count: runs.length, check_runs }),
    );
  }),
  route("POST /check-runs", needs.writeChecks, async (exchange) => {
    const { world, repository, actor, body } = exchange;
    const app = requireApp(exchange);
    const name = body.string("name");
    const sha = await repository.git.resolve(body.string("head_sha"));
    if (sha === undefined)
      throw new HttpError(
        422,
        `No commit found for SHA: ${body.string("head_sha")}`,
      );
    const { status = "queued", ...rest } = fields(exchange);
    const run = createCheckRun(
      world,
      repository,
      app,
      sha,
      {
        conclusion: null,
        externalId: null,
        detailsUrl: null,
        startedAt: status === "queued" ? null : world.now(),
        completedAt: null,
        output: { title: null, summary: null, text: null },
        ...rest,
        name,
        status,
      },
      actor,
    );
    return created(checkRunShape(world.urls, repository, run));
  }),
  route("GET /check-runs/{check_run_id}", needs.readChecks, (exchange) =>
    ok(
      checkRunShape(exchange.world.urls, exchange.repository, runOf(exchange)),
    ),
  ),
  route("PATCH /check-runs/{check_run_id}", needs.writeChecks, (exchange) => {
    const run = runOf(exchange);
    if (requireApp(exchange) !== run.suite.app)
      throw new HttpError(
        403,
        "Invalid app_id `" +
          String(run.suite.app.id) +
          "` - check run can only be modified by the GitHub App that created it.",
      );
    updateCheckRun(
      exchange.world,
      exchange.repository,
      run,
      fields(exchange),
      exchange.actor,
    );
    return ok(checkRunShape(exchange.world.urls, exchange.repository, run));
  }),
];

function requireApp({ actor }: RepositoryExchange): App {
  if (actor.app === undefined)
    throw new HttpError(403, "You must authenticate via a GitHub App.");
  return actor.app;
}

const runOf = (exchange: RepositoryExchange): CheckRun =>
  exchange.repository.checkRuns.get(Number(param(exchange, "check_run_id"))) ??
  noSuch("check run");

function fields({
  world,
  body,
}: RepositoryExchange): Partial<Omit<CheckRun, "id" | "suite" | "sha">> {
  const conclusion = body.choice("conclusion", CONCLUSIONS);
  const asked = body.choice("status", STATUSES);
  // A conclusion completes a run whatever the status says.
  const status = conclusion === undefined ? asked : "completed";
  if (status === "completed" && conclusion === undefined) {
    throw new HttpError(
      422,
      'Invalid request.\n\nMissing required key "conclusion".',
    );
  }
  const name = body.optionalString("name");
  const externalId = body.optionalString("external_id");
  const detailsUrl = body.optionalString("details_url");
  const startedAt = body.optionalString("started_at");
  const completedAt = body.optionalString("completed_at");
  const output = body.object("output");
  return {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(conclusion === undefined
      ? {}
      : {
          conclusion,
          completedAt:
            completedAt === undefined ? world.now() : new Date(completedAt),
        }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(detailsUrl === undefined ? {} : { detailsUrl }),
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt) }),
    ...(output === undefined ? {} : { output: outputOf(output) }),
  };
}

const outputOf = (output: RequestBody): CheckRun["output"] => ({
  title: output.optionalString("title") ?? null,
  summary: output.string("summary"),
  text: output.optionalString("text") ?? null,
});
