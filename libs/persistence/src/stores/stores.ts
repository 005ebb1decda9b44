import type { Database } from "../database.js";
import { ApiKeys } from "./api-keys.js";
import { Artifacts } from "./artifacts.js";
import { Attempts } from "./attempts.js";
import { Audit } from "./audit.js";
import { Deliveries } from "./deliveries.js";
import { DeliveryQueries } from "./delivery-queries.js";
import { Dispatch } from "./dispatch.js";
import { Effects } from "./effects.js";
import { Feeds } from "./feeds.js";
import { GithubQuota } from "./github-quota.js";
import { HookLogs } from "./hook-logs.js";
import { Leases } from "./leases.js";
import { RunLoader } from "./load-run.js";
import { ensureLogPartitions } from "./log-partitions.js";
import { Logs } from "./logs.js";
import { Reconciliation } from "./reconciliation.js";
import { Repositories } from "./repositories.js";
import { Retention } from "./retention/retention.js";
import { RunCreation } from "./run-creation.js";
import { RunQueries } from "./run-queries.js";
import { RunTransitions } from "./run-transitions.js";
import { Transcripts } from "./transcripts.js";

/** Every door to the tables, over one pool. */
export function createStores(database: Database) {
  const runs = new RunLoader(database);
  const transitions = new RunTransitions(database, runs);
  const audit = new Audit(database);
  return {
    apiKeys: new ApiKeys(database),
    artifacts: new Artifacts(database),
    attempts: new Attempts(database, transitions, runs),
    audit,
    creation: new RunCreation(database, runs),
    deliveries: new Deliveries(database),
    deliveryQueries: new DeliveryQueries(database),
    dispatch: new Dispatch(database),
    effects: new Effects(database),
    feeds: new Feeds(database),
    githubQuota: new GithubQuota(database),
    hookLogs: new HookLogs(database),
    leases: new Leases(database),
    logs: new Logs(database),
    reconciliation: new Reconciliation(database),
    repositories: new Repositories(database),
    retention: new Retention(database, audit),
    runQueries: new RunQueries(database),
    runs,
    transcripts: new Transcripts(database),
    transitions,
    ensureLogPartitions: (today: Date) => ensureLogPartitions(database, today),
  };
}

export type Stores = ReturnType<typeof createStores>;
