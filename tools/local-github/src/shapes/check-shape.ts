import type { CheckRun, CheckSuite, Repository } from "../state/model.js";
import { repositoryPage, repositoryUrl, type Urls } from "../state/urls.js";
import { appShape } from "./app-shape.js";
import { nodeId } from "./node-id.js";
import { isPull, pullUrl } from "./pull-shape.js";
import { iso, isoOrNull } from "./time.js";

export function checkRunShape(
  urls: Urls,
  repository: Repository,
  run: CheckRun,
) {
  const url = `${repositoryUrl(urls, repository)}/check-runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("checkRun", run.id),
    head_sha: run.sha,
    external_id: run.externalId ?? "",
    url,
    html_url: `${repositoryPage(urls, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? `${urls.server}/apps/${run.suite.app.slug}`,
    status: run.status,
    conclusion: run.conclusion,
    started_at: isoOrNull(run.startedAt),
    completed_at: isoOrNull(run.completedAt),
    output: {
      ...run.output,
      annotations_count: 0,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suite.id },
    app: appShape(urls, run.suite.app),
    pull_requests: pullsOf(urls, repository, run.sha),
  };
}

/** A check suite, whose state is that of its runs together. */
export function checkSuiteShape(
  urls: Urls,
  repository: Repository,
  suite: CheckSuite,
) {
  const runs = [...repository.checkRuns.values()].filter(
    (run) => run.suite === suite,
  );
  const url = `${repositoryUrl(urls, repository)}/check-suites/${suite.id}`;
  const isDone =
    runs.length > 0 && runs.every((run) => run.status === "completed");
  const branch = [...repository.issues.values()].find(
    (issue) => issue.pull?.headSha === suite.sha,
  )?.pull?.headRef;
  return {
    id: suite.id,
    node_id: nodeId("checkSuite", suite.id),
    head_branch: branch ?? repository.defaultBranch,
    head_sha: suite.sha,
    status: isDone
      ? "completed"
      : runs.some((run) => run.status === "in_progress")
        ? "in_progress"
        : "queued",
    conclusion: isDone
      ? (runs.find((run) => run.conclusion !== "success")?.conclusion ??
        "success")
      : null,
    url,
    before: "0".repeat(40),
    after: suite.sha,
    pull_requests: pullsOf(urls, repository, suite.sha),
    app: appShape(urls, suite.app),
    created_at: iso(suite.createdAt),
    updated_at: iso(suite.updatedAt),
  };
}

function pullsOf(urls: Urls, repository: Repository, sha: string) {
  const repo = {
    id: repository.id,
    url: repositoryUrl(urls, repository),
    name: repository.name,
  };
  return [...repository.issues.values()]
    .filter(isPull)
    .filter((issue) => issue.state === "open" && issue.pull.headSha === sha)
    .map((issue) => ({
      id: issue.pull.id,
      number: issue.number,
      url: pullUrl(urls, repository, issue),
      head: { ref: issue.pull.headRef, sha: issue.pull.headSha, repo },
      base: { ref: issue.pull.baseRef, sha: issue.pull.baseSha, repo },
    }));
}
