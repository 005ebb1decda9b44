import {
  createGitHub,
  type GitHub,
  type GitHubOptions,
} from "@pullwright/github";
import type { Metrics } from "@pullwright/platform";
import { tellLacks } from "./github-lacks.js";
import { watchOutage } from "./github-outage.js";
import type { Runtime } from "./runtime.js";

/** Opens GitHub for a process: what it learns of quotas is shared with all others, and its requests are counted. */
export function openGitHub(
  {
    config,
    logger,
    metrics,
    stores,
  }: Pick<Runtime, "config" | "logger" | "metrics" | "stores">,
  options: Omit<GitHubOptions, "ledger" | "onRequest" | "onLack"> = {},
): GitHub {
  const requests = metrics.counter({
    name: "github_requests_total",
    help: "Requests to GitHub by class and outcome; not_modified costs no quota, failed had no usable answer, refused was not sent.",
    labels: ["credential", "resource", "class", "outcome"],
  });
  const tellOutage = watchOutage(metrics, logger);
  const github = createGitHub(config.github, {
    ...options,
    writePace: {
      refillMs: Math.round(60_000 / config.github.writesPerMinute),
      ...options.writePace,
    },
    ledger: stores.githubQuota,
    onLack: tellLacks(logger),
    onRequest: ({ credential, resource }, requestClass, outcome) => {
      requests.inc({ credential, resource, class: requestClass, outcome });
      tellOutage(outcome);
    },
  });
  showQuota(metrics, github);
  return github;
}

function showQuota(metrics: Metrics, github: GitHub): void {
  const labels = ["credential", "resource"] as const;
  metrics.gauge({
    name: "github_quota_remaining",
    help: "Requests left until GitHub's limit starts anew, as this process last heard.",
    labels,
    collect: (gauge) => {
      for (const { credential, resource, remaining } of github.quota())
        gauge.set({ credential, resource }, remaining);
    },
  });
  metrics.gauge({
    name: "github_quota_paused",
    help: "1 while requests are kept back because GitHub asked for silence.",
    labels,
    collect: (gauge) => {
      for (const { credential, resource, pausedUntil } of github.quota())
        gauge.set({ credential, resource }, pausedUntil ? 1 : 0);
    },
  });
}
