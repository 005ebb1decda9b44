import type { Database } from "../database.js";
import { ApiKeys } from "./api-keys.js";
import { Artifacts } from "./artifacts.js";
import { Attempts } from "./attempts.js";
import { Audit } from "./audit.js";
import { Breakers } from "./breakers.js";
import { Causes } from "./causes.js";
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
import { Budgets } from "./budgets.js";
import { Ledger } from "./ledger.js";
import { Reservations } from "./reservations.js";
import { Transcripts } from "./transcripts.js";

/** Every door to the tables, over one pool. */
export function createStores(database: Database) {
  const runs = new RunLoader(database);
  const breakers = new Breakers(database);
  const reservations = new Reservations(database);
  const transitions = new RunTransitions(
    database,
    runs,
    reservations,
    breakers,
  );
  const audit = new Audit(database);
  return {
    apiKeys: new ApiKeys(database),
    artifacts: new Artifacts(database),
    attempts: new Attempts(database, transitions, runs, breakers),
    audit,
    breakers,
    budgets: new Budgets(database, reservations),
    causes: new Causes(database),
    creation: new RunCreation(database, runs),
    deliveries: new Deliveries(database),
    deliveryQueries: new DeliveryQueries(database),
    dispatch: new Dispatch(database),
    effects: new Effects(database),
    feeds: new Feeds(database),
    githubQuota: new GithubQuota(database),
    hookLogs: new HookLogs(database),
    ledger: new Ledger(database),
    leases: new Leases(database),
    logs: new Logs(database),
    reconciliation: new Reconciliation(database),
    repositories: new Repositories(database),
    reservations,
    retention: new Retention(database, audit),
    runQueries: new RunQueries(database),
    runs,
    transcripts: new Transcripts(database),
    transitions,
    ensureLogPartitions: (today: Date) => ensureLogPartitions(database, today),
  };
}

export type Stores = ReturnType<typeof createStores>;
