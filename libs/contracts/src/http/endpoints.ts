import { ownerPattern, repositoryPattern } from "@pullwright/domain";
import { z } from "zod";
import { artifact, artifactQuery, handoff } from "./artifact.js";
import { auditExportQuery, auditPage, auditQuery } from "./audit.js";
import { agentInfo, definition } from "./choices.js";
import { cancelBody, commanded, continueBody, retryBody } from "./command.js";
import { conversation, messagePage, messageQuery } from "./conversation.js";
import { deliveryDetail, deliveryPage, deliveryQuery } from "./delivery.js";
import type { Endpoint } from "./endpoint.js";
import {
  comparisonQuery,
  executionComparison,
  runComparison,
} from "./comparison.js";
import { execution, executionDetail, phaseDetail } from "./execution.js";
import { executionNumber, runInPath } from "./fields.js";
import { githubQuota } from "./github-quota.js";
import { budget, costQuery, costs, putBudgetBody } from "./money.js";
import { health, readiness } from "./health.js";
import { history, historyQuery, historyStreamQuery } from "./history.js";
import { apiKey, createKeyBody, createdKey } from "./key.js";
import { logPage, logQuery, logStreamQuery } from "./log.js";
import {
  changeRepositoryBody,
  registerRepositoryBody,
  repository,
} from "./repository.js";
import { runList, runListQuery } from "./run-list.js";
import { run } from "./run.js";
import { resumeHeaders } from "./stream.js";
import { idempotencyHeaders, triggerBody, triggered } from "./trigger.js";
import { why } from "./why.js";

const listOf = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), total: z.int() });

const eventStream = (description: string) => ({
  description,
  contentType: "text/event-stream",
});

const aRun = {
  params: z.object({ adw_id: runInPath }),
  refusals: { 404: "No such run, or none that this key may see." },
} as const;

const notNow = (why: string) => ({ ...aRun.refusals, 409: why });

/** Of whatever takes an Idempotency-Key. */
const reused = {
  422: "The Idempotency-Key came with another request before.",
} as const;

/** The doors to one command: what any of them takes, answers and refuses is the same. */
const nextExecution = {
  method: "POST",
  access: "control",
  headers: idempotencyHeaders,
  body: retryBody,
  status: 200,
  answer: { description: "The next execution is queued.", schema: commanded },
  refusals: {
    ...notNow("The run is live, or earlier phases have no results."),
    ...reused,
  },
} as const;

/** Whoever makes keys gives away all that there is. */
const managingKeys = {
  access: "admin",
  tag: "Keys",
  description: "A key that is bound to repositories may not.",
} as const;

/** Every endpoint of the API. Routes, parsing, scopes, OpenAPI and the CLI's client all derive from it. */
export const endpoints = {
  triggerWorkflow: {
    method: "POST",
    path: "/api/workflows/trigger",
    access: "trigger",
    tag: "Runs",
    summary: "Start a run",
    description: "Answers before any agent starts.",
    headers: idempotencyHeaders,
    body: triggerBody,
    status: 202,
    answer: { description: "The run was accepted.", schema: triggered },
    refusals: {
      404: "No such issue or repository.",
      409: "The work item has a live run (see `adw_id`), or nothing can be started now.",
      ...reused,
      502: "GitHub refused.",
    },
  },
  listWorkflows: {
    method: "GET",
    path: "/api/workflows",
    access: "read",
    tag: "Runs",
    summary: "List runs, newest first",
    query: runListQuery,
    status: 200,
    answer: { description: "A page of runs.", schema: runList },
  },
  getWorkflow: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}",
    access: "read",
    tag: "Runs",
    summary: "A run with its phases",
    status: 200,
    answer: { description: "The run.", schema: run },
  },
  deleteWorkflow: {
    ...aRun,
    method: "DELETE",
    path: "/api/workflows/{adw_id}",
    access: "control",
    tag: "Runs",
    summary: "Remove an ended run with all that belongs to it",
    status: 204,
    answer: { description: "It is gone." },
    refusals: notNow("The run is live."),
  },
  retryWorkflow: {
    ...aRun,
    ...nextExecution,
    path: "/api/workflows/{adw_id}/retry",
    tag: "Commands",
    summary: "Retry an ended run, whole or from a phase on",
  },
  cancelWorkflow: {
    ...aRun,
    method: "POST",
    path: "/api/workflows/{adw_id}/cancel",
    access: "control",
    tag: "Commands",
    summary: "Cancel a run",
    description: "An ended run stays as it is.",
    headers: idempotencyHeaders,
    body: cancelBody,
    status: 200,
    answer: {
      description: "It is cancelled, or will be once its agent is gone.",
      schema: commanded,
    },
    refusals: { ...aRun.refusals, ...reused },
  },
  continueWorkflow: {
    ...aRun,
    method: "POST",
    path: "/api/workflows/{adw_id}/continue",
    access: "control",
    tag: "Commands",
    summary: "End a wait",
    headers: idempotencyHeaders,
    body: continueBody,
    status: 200,
    answer: { description: "The run goes on.", schema: commanded },
    refusals: { ...notNow("The run does not wait."), ...reused },
  },
  getLogs: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/logs",
    access: "read",
    tag: "Logs and events",
    summary: "The log, page by page",
    query: logQuery,
    status: 200,
    answer: { description: "Lines in order.", schema: logPage },
  },
  streamLogs: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/logs/stream",
    access: "read",
    tag: "Logs and events",
    summary: "The log as it is written",
    description:
      "Server-sent events, one LogEntry each, numbered; `event: end` follows when the run has ended. Resumes with Last-Event-ID.",
    query: logStreamQuery,
    headers: resumeHeaders,
    status: 200,
    answer: eventStream("Log entries."),
  },
  getEvents: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/events",
    access: "read",
    tag: "Logs and events",
    summary: "What happened to a run, and who did it",
    query: historyQuery,
    status: 200,
    answer: { description: "Events in order.", schema: history },
  },
  streamEvents: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/events/stream",
    access: "read",
    tag: "Logs and events",
    summary: "What happens to a run, as it happens",
    description:
      "Server-sent events, one RunEvent each, numbered; `event: end` follows when the run has ended. Resumes with Last-Event-ID.",
    query: historyStreamQuery,
    headers: resumeHeaders,
    status: 200,
    answer: eventStream("Run events."),
  },
  streamAllEvents: {
    method: "GET",
    path: "/api/events",
    access: "read",
    tag: "Logs and events",
    summary: "Which runs change, with a heartbeat every 5 seconds",
    status: 200,
    answer: eventStream("StreamMessage objects."),
  },
  getWhy: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/why",
    access: "read",
    tag: "Runs",
    summary: "The one thing a run waits for",
    status: 200,
    answer: { description: "Why it is where it is.", schema: why },
  },
  getPhases: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/phases",
    access: "read",
    tag: "Runs",
    summary: "The phases of all executions, with their attempts",
    status: 200,
    answer: { description: "Phases in order.", schema: listOf(phaseDetail) },
  },
  listExecutions: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/executions",
    access: "read",
    tag: "Executions",
    summary: "The executions of a run",
    status: 200,
    answer: { description: "Oldest first.", schema: listOf(execution) },
  },
  startExecution: {
    ...aRun,
    ...nextExecution,
    path: "/api/workflows/{adw_id}/executions",
    tag: "Executions",
    summary: "Start the next execution (the same as retry)",
  },
  startExecutionByName: {
    ...aRun,
    ...nextExecution,
    path: "/api/workflows/{adw_id}/executions/start",
    tag: "Executions",
    summary: "Start the next execution (the same as retry)",
  },
  getExecution: {
    method: "GET",
    path: "/api/workflows/{adw_id}/executions/{n}",
    access: "read",
    tag: "Executions",
    summary: "One execution with its phases",
    params: z.object({ adw_id: runInPath, n: executionNumber }),
    refusals: aRun.refusals,
    status: 200,
    answer: { description: "The execution.", schema: executionDetail },
  },
  compareExecutions: {
    method: "GET",
    path: "/api/workflows/{adw_id}/executions/{a}/compare/{b}",
    access: "read",
    tag: "Executions",
    summary: "Two executions of a run, side by side",
    params: z.object({
      adw_id: runInPath,
      a: executionNumber,
      b: executionNumber,
    }),
    refusals: aRun.refusals,
    status: 200,
    answer: {
      description: "Both, and b minus a.",
      schema: executionComparison,
    },
  },
  compareWorkflows: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/compare",
    access: "read",
    tag: "Executions",
    summary: "Two runs, side by side",
    query: comparisonQuery,
    status: 200,
    answer: { description: "Both, and b minus a.", schema: runComparison },
  },
  listHandoffs: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/handoffs",
    access: "read",
    tag: "Artifacts",
    summary: "What each phase gave the next",
    status: 200,
    answer: { description: "Oldest first.", schema: listOf(handoff) },
  },
  listArtifacts: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/artifacts",
    access: "read",
    tag: "Artifacts",
    summary: "The kept files of a run",
    query: artifactQuery,
    status: 200,
    answer: {
      description: "Oldest first.",
      schema: z.object({ items: z.array(artifact) }),
    },
  },
  getArtifactContent: {
    method: "GET",
    path: "/api/workflows/{adw_id}/artifacts/{id}/content",
    access: "read",
    tag: "Artifacts",
    summary: "A kept file",
    params: z.object({ adw_id: runInPath, id: z.uuid("must be an id") }),
    refusals: aRun.refusals,
    status: 200,
    answer: {
      description: "Its text, whatever its own type: nothing in it is run.",
      contentType: "text/plain",
    },
  },
  listConversations: {
    ...aRun,
    method: "GET",
    path: "/api/workflows/{adw_id}/conversations",
    access: "read",
    tag: "Conversations",
    summary: "The conversations with agents, one an attempt",
    status: 200,
    answer: { description: "Oldest first.", schema: listOf(conversation) },
  },
  listMessages: {
    method: "GET",
    path: "/api/conversations/{id}/messages",
    access: "read",
    tag: "Conversations",
    summary: "What was said in a conversation",
    params: z.object({ id: z.uuid("must be an id") }),
    query: messageQuery,
    refusals: { 404: "No such conversation, or none that this key may see." },
    status: 200,
    answer: { description: "Messages in order.", schema: messagePage },
  },
  listRepositories: {
    method: "GET",
    path: "/api/repositories",
    access: "read",
    tag: "Repositories",
    summary: "The repositories that Pullwright serves",
    status: 200,
    answer: { description: "By name.", schema: listOf(repository) },
  },
  registerRepository: {
    method: "POST",
    path: "/api/repositories",
    access: "admin",
    tag: "Repositories",
    summary: "Serve a repository",
    body: registerRepositoryBody,
    status: 201,
    answer: { description: "It is registered.", schema: repository },
    refusals: {
      404: "GitHub shows us no such repository.",
      502: "GitHub refused.",
    },
  },
  changeRepository: {
    method: "PATCH",
    path: "/api/repositories/{owner}/{name}",
    access: "admin",
    tag: "Repositories",
    summary: "Switch a repository on or off, or set its policy",
    params: z.object({
      owner: z.string().regex(ownerPattern, "must be an owner's name"),
      name: z.string().regex(repositoryPattern, "must be a repository's name"),
    }),
    body: changeRepositoryBody,
    status: 200,
    answer: { description: "It is changed.", schema: repository },
    refusals: { 404: "No such repository." },
  },
  listDeliveries: {
    method: "GET",
    path: "/api/deliveries",
    access: "read",
    tag: "Deliveries",
    summary: "What came in from GitHub and what became of it, newest first",
    query: deliveryQuery,
    status: 200,
    answer: { description: "A page of deliveries.", schema: deliveryPage },
  },
  getDelivery: {
    method: "GET",
    path: "/api/deliveries/{id}",
    access: "read",
    tag: "Deliveries",
    summary: "One delivery; what it said is for admins",
    params: z.object({ id: z.uuid("must be an id") }),
    status: 200,
    answer: { description: "The delivery.", schema: deliveryDetail },
    refusals: { 404: "No such delivery, or none that this key may see." },
  },
  getGithubQuota: {
    method: "GET",
    path: "/api/github/quota",
    access: "read",
    tag: "Operation",
    summary: "GitHub's quotas, as all processes together know them",
    status: 200,
    answer: {
      description: "One a credential and resource.",
      schema: listOf(githubQuota),
    },
  },
  getCosts: {
    method: "GET",
    path: "/api/costs",
    access: "read",
    tag: "Money",
    summary: "What runs cost, by a key",
    description: "Of the repositories that this key may see.",
    query: costQuery,
    status: 200,
    answer: {
      description: "The dearest first; days from the latest on.",
      schema: costs,
    },
    refusals: { 404: "No such repository, or none that this key may see." },
  },
  listBudgets: {
    method: "GET",
    path: "/api/budgets",
    access: "read",
    tag: "Money",
    summary: "The budgets that runs share, and what is gone of them",
    description:
      "A key that is bound to repositories sees the budgets of these alone.",
    status: 200,
    answer: { description: "By scope.", schema: listOf(budget) },
  },
  putBudget: {
    method: "PUT",
    path: "/api/budgets",
    access: "admin",
    tag: "Money",
    summary: "Set a budget; without any limit it is removed",
    description:
      "Every budget that matches a phase applies to it. Runs that wait for this one go on by themselves when it has room.",
    body: putBudgetBody,
    status: 200,
    answer: {
      description: "All budgets, as they are now.",
      schema: listOf(budget),
    },
    refusals: { 404: "No such repository, or none that this key may see." },
  },
  listAgents: {
    method: "GET",
    path: "/api/agents",
    access: "read",
    tag: "Choices",
    summary: "The agents that can be asked for",
    status: 200,
    answer: {
      description: "The default one first.",
      schema: listOf(agentInfo),
    },
  },
  listDefinitions: {
    method: "GET",
    path: "/api/definitions",
    access: "read",
    tag: "Choices",
    summary: "The workflows that can be triggered",
    status: 200,
    answer: { description: "Workflows.", schema: listOf(definition) },
  },
  listAudit: {
    method: "GET",
    path: "/api/audit",
    access: "admin",
    tag: "Operation",
    summary: "Who did what, when, by what trigger, from where; newest first",
    description:
      "With `Accept: application/x-ndjson` the answer is that of `/api/audit/export`, which takes no `limit` and no `cursor`.",
    query: auditQuery,
    status: 200,
    answer: {
      description: "A page of entries.",
      schema: auditPage,
      alternative: "application/x-ndjson",
    },
  },
  exportAudit: {
    method: "GET",
    path: "/api/audit/export",
    access: "admin",
    tag: "Operation",
    summary: "The same, whole, one AuditEntry a line",
    query: auditExportQuery,
    status: 200,
    answer: {
      description: "Entries, newest first.",
      contentType: "application/x-ndjson",
    },
  },
  listKeys: {
    ...managingKeys,
    method: "GET",
    path: "/api/keys",
    summary: "The API keys, newest first; also those that work no more",
    status: 200,
    answer: { description: "Never a key itself.", schema: listOf(apiKey) },
  },
  createKey: {
    ...managingKeys,
    method: "POST",
    path: "/api/keys",
    summary: "Make an API key",
    body: createKeyBody,
    status: 201,
    answer: {
      description: "It is made; `key` is shown this once.",
      schema: createdKey,
    },
  },
  revokeKey: {
    ...managingKeys,
    method: "DELETE",
    path: "/api/keys/{id}",
    summary: "Revoke an API key for good",
    params: z.object({ id: z.uuid("must be an id") }),
    status: 204,
    answer: { description: "It works no more, or did not before." },
    refusals: {
      404: "No such key.",
      409: "It is the last one that administers everything.",
    },
  },
  getHealth: {
    method: "GET",
    path: "/health",
    access: "public",
    tag: "Operation",
    summary: "Whether the process lives",
    status: 200,
    answer: { description: "It lives.", schema: health },
  },
  getReadiness: {
    method: "GET",
    path: "/health/ready",
    access: "public",
    tag: "Operation",
    summary: "Whether the process and all it needs can work",
    status: 200,
    answer: {
      description: "It can; with 503 the same shape says what cannot.",
      schema: readiness,
    },
  },
  getMetrics: {
    method: "GET",
    path: "/metrics",
    access: "open-metrics",
    tag: "Operation",
    summary: "Metrics for Prometheus",
    status: 200,
    answer: { description: "Metrics.", contentType: "text/plain" },
  },
  getOpenApi: {
    method: "GET",
    path: "/api/openapi.json",
    access: "open-docs",
    tag: "Operation",
    summary: "This document",
    status: 200,
    answer: {
      description: "OpenAPI 3.1.",
      schema: z.record(z.string(), z.unknown()),
    },
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;
