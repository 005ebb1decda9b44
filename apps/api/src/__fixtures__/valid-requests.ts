import type { EndpointName } from "@pullwright/contracts";
import type { Furnished } from "./furnished.js";
import { repo } from "./running-api.js";

type Texts = Readonly<Record<string, string>>;

/** The parts of a request, each in the form in which it is sent. */
export interface RequestParts {
  readonly params?: Texts;
  readonly query?: Texts;
  readonly headers?: Texts;
  readonly body?: unknown;
}

const [owner = "", name = ""] = repo.split("/");
const retry = { phase: "classify", note: "Once more.", agent: "codex", model: "gpt-5" };

/** For every endpoint a request that its handler answers, with what was furnished where it can, and that uses all the endpoint takes. */
export function validRequests(of: Furnished): Readonly<Record<EndpointName, RequestParts>> {
  const aRun = { params: { adw_id: of.adwId } };
  const anEndedRun = { params: { adw_id: of.endedAdwId } };
  const stream = { ...aRun, query: { after: "1" }, headers: { "last-event-id": "1" } };
  const keyed = (key: string) => ({ headers: { "idempotency-key": key } });
  const audit = {
    from: "2026-01-01T00:00:00Z",
    to: "2036-01-01T00:00:00Z",
    actor: of.triggeredBy,
    action: "run.triggered",
    repository: repo,
    adw_id: of.adwId,
  };
  return {
    triggerWorkflow: {
      ...keyed("valid-trigger"),
      body: {
        text: "Add a licence.",
        workflow: "adw_plan",
        repository: repo,
        agent: "codex",
        model: "gpt-5",
        priority: "low",
        budget_usd: 1,
      },
    },
    listWorkflows: {
      query: {
        status: "pending",
        repository: repo,
        workflow: "adw_plan_build_test",
        issue_number: of.otherIssue,
        limit: "10",
        page: "1",
      },
    },
    getWorkflow: aRun,
    deleteWorkflow: { params: { adw_id: of.spareAdwId } },
    retryWorkflow: { ...anEndedRun, ...keyed("valid-retry"), body: retry },
    cancelWorkflow: { ...anEndedRun, ...keyed("valid-cancel"), body: { reason: "Not now." } },
    continueWorkflow: { ...anEndedRun, ...keyed("valid-continue"), body: { add_usd: 1 } },
    getLogs: { ...aRun, query: { after: "0", limit: "10", phase: "classify", level: "info" } },
    streamLogs: stream,
    getEvents: { ...aRun, query: { after: "0", limit: "10" } },
    streamEvents: stream,
    streamAllEvents: {},
    getWhy: aRun,
    getPhases: aRun,
    listExecutions: aRun,
    startExecution: { ...anEndedRun, ...keyed("valid-start"), body: retry },
    startExecutionByName: { ...anEndedRun, ...keyed("valid-start-by-name"), body: retry },
    getExecution: { params: { adw_id: of.adwId, n: "1" } },
    compareExecutions: { params: { adw_id: of.adwId, a: "1", b: "1" } },
    compareWorkflows: { ...aRun, query: { with: of.otherAdwId } },
    listHandoffs: aRun,
    listArtifacts: { ...aRun, query: { kind: "plan", limit: "10", offset: "0" } },
    getArtifactContent: { params: { adw_id: of.adwId, id: of.artifactId } },
    listConversations: aRun,
    listMessages: { params: { id: of.conversationId }, query: { after: "0", limit: "10" } },
    listRepositories: {},
    registerRepository: { body: { repository: repo } },
    changeRepository: { params: { owner, name }, body: { enabled: true, policy } },
    listDeliveries: { query: { repository: repo, verdict: "open", limit: "10" } },
    getDelivery: { params: { id: of.deliveryId } },
    getGithubQuota: {},
    getCosts: { query: { group_by: "run", from: "2026-01-01", to: "2036-01-01", repository: repo, limit: "10" } },
    listBudgets: {},
    putBudget: { body: { scope: "label", key: "urgent", repository: repo, limit_usd: 5, limit_tokens: 1_000 } },
    listAgents: {},
    listDefinitions: {},
    listAudit: { query: { ...audit, limit: "10" } },
    exportAudit: { query: audit },
    listKeys: {},
    createKey: { body: { name: "made", scopes: ["read"], repositories: [repo], expires_at: "2099-01-01T00:00:00Z" } },
    revokeKey: { params: { id: of.spareKeyId } },
    getHealth: {},
    getReadiness: {},
    getMetrics: {},
    getOpenApi: {},
  };
}

/** Every field of a repository's policy. */
const policy = {
  cancel_on_close: true,
  allowed_actor_ids: [1],
  agent_route: ["codex"],
  max_concurrent: 5,
  weight: 2,
  max_run_usd: 5,
  max_phase_usd: 5,
  max_agent_usd: 5,
  max_execution_usd: 5,
  max_work_item_usd: 5,
  max_day_usd: 50,
  guard: { block: ["db/**"], review: ["api/**"], max_files: 9, max_file_bytes: 99, max_total_bytes: 999 },
};
