import type { Database, Statement } from "../database.js";
import { toJson } from "../storable.js";
import type { AttemptRef } from "./attempt-ref.js";
import { holdsPhase } from "./attempts.js";
import { inTransaction } from "./in-transaction.js";

export interface TranscriptMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface LlmCall {
  readonly model: string | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number | null;
  readonly status: "success" | "failed" | "truncated" | "skipped";
  readonly errorCode?: string;
  /** How the prompt of the turn that begins with it came to its size; estimated tokens. */
  readonly prompt?: {
    readonly requestedTokens: number;
    readonly maxTokens: number;
    readonly truncatedSections: readonly unknown[];
    readonly budget: Readonly<Record<string, unknown>>;
  };
}

/** What is added at once: an agent's turn, or a call that was not made. */
export interface Transcript {
  readonly messages: readonly TranscriptMessage[];
  readonly calls: readonly LlmCall[];
}

/** How many of each there are. */
export interface TranscriptSize {
  readonly messages: number;
  readonly calls: number;
}

const insertMessages: Statement = {
  name: "messages_insert",
  text: `
  INSERT INTO messages (conversation_id, role, content, message_metadata)
  SELECT $1, m.role, m.content, m.metadata FROM unnest($2::text[], $3::text[], $4::jsonb[]) AS m(role, content, metadata)
   WHERE ${holdsPhase("$5", "$6")} AND ($7::int IS NULL OR (SELECT count(*) FROM messages WHERE conversation_id = $1) = $7)`,
};

const insertCalls: Statement = {
  name: "llm_calls_insert",
  text: `
  WITH calls AS (
    INSERT INTO llm_calls (conversation_id, model, prompt_tokens, completion_tokens, total_tokens, cost, status, error_code,
                           total_tokens_requested, max_tokens, truncated_sections, budget_snapshot)
    SELECT $1, c.model, c.prompt, c.completion, c.prompt + c.completion, c.cost, c.status, c.error, c.requested, c.most, c.truncated, c.budget
      FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::numeric[], $6::text[], $7::text[], $10::bigint[], $11::bigint[], $12::jsonb[], $13::jsonb[])
           AS c(model, prompt, completion, cost, status, error, requested, most, truncated, budget)
     WHERE ${holdsPhase("$8", "$9")} AND ($14::int IS NULL OR (SELECT count(*) FROM llm_calls WHERE conversation_id = $1) = $14)
    RETURNING model
  )
  UPDATE executions x
     SET total_calls = total_calls + (SELECT count(*) FROM calls),
         models = (SELECT coalesce(array_agg(DISTINCT m), '{}') FROM unnest(x.models || (SELECT coalesce(array_agg(model) FILTER (WHERE model IS NOT NULL), '{}') FROM calls)) AS m)
    FROM phase_runs p
   WHERE p.id = $8 AND x.workflow_run_id = p.workflow_run_id AND x.number = p.execution`,
};

const insertDecision: Statement = {
  name: "decision_insert",
  text: `
  INSERT INTO run_events (workflow_run_id, execution, type, actor, payload)
  SELECT p.workflow_run_id, p.execution, $3, $4, $5 FROM phase_runs p
   WHERE p.id = $1 AND p.fence = $2 AND p.status = 'running' AND p.lease_until > now()
     AND NOT EXISTS (SELECT 1 FROM run_events e WHERE e.workflow_run_id = p.workflow_run_id AND e.type = $3 AND e.payload = $5::jsonb)`,
};

const selectSize: Statement = {
  name: "transcript_size",
  text: `
  SELECT (SELECT count(*) FROM messages WHERE conversation_id = $1)::int AS messages,
         (SELECT count(*) FROM llm_calls WHERE conversation_id = $1)::int AS calls`,
};

/** Two tries of one turn, of which the first is still under way on a connection that broke, go one after the other. */
const takeTurns: Statement = {
  name: "transcript_take_turns",
  text: "SELECT pg_advisory_xact_lock(hashtextextended('transcript:' || $1, 0))",
};

const selectMessages: Statement = {
  name: "messages_page",
  text: `
  SELECT m.id, m.role, m.content, m.message_metadata AS metadata, m.created_at AS "createdAt" FROM messages m
   WHERE m.conversation_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3`,
};

export interface StoredMessage {
  readonly id: string;
  readonly role: string;
  readonly content: string;
  readonly metadata: unknown;
  readonly createdAt: Date;
}

/** What an agent said and what its model calls took; an attempt is one conversation. */
export class Transcripts {
  constructor(private readonly database: Database) {}

  /** What is kept of an attempt, which is all that its owner has added. */
  async sizeOf({ attemptId }: AttemptRef): Promise<TranscriptSize> {
    const [row] = await this.database.query<TranscriptSize>(selectSize, [
      attemptId,
    ]);
    return row ?? { messages: 0, calls: 0 };
  }

  /** Adds to an attempt's transcript; given its size before, a second try adds nothing that is there already. */
  async add(
    attempt: AttemptRef,
    { messages = [], calls = [] }: Partial<Transcript>,
    before?: TranscriptSize,
  ): Promise<void> {
    await this.database.transaction(async (client) => {
      const executor = inTransaction(client);
      if (before !== undefined)
        await executor.query(takeTurns, [attempt.attemptId]);
      if (messages.length > 0)
        await executor.query(insertMessages, [
          ...messageValues(attempt, messages),
          before?.messages ?? null,
        ]);
      if (calls.length > 0)
        await executor.query(insertCalls, [
          ...callValues(attempt, calls),
          before?.calls ?? null,
        ]);
    });
  }

  /**
   * A decision about the agent's work, with its arithmetic, for the run's history; void when the fence has moved on. An
   * attempt makes it once, however often it is told.
   */
  async addDecision(
    attempt: AttemptRef,
    type: string,
    payload: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { attemptId, phaseRunId, fence, owner } = attempt;
    await this.database.query(insertDecision, [
      phaseRunId,
      fence,
      type,
      owner,
      { ...payload, attempt: attemptId },
    ]);
  }

  messages(
    conversationId: string,
    afterId: string,
    limit: number,
  ): Promise<StoredMessage[]> {
    return this.database.query<StoredMessage>(selectMessages, [
      conversationId,
      afterId,
      limit,
    ]);
  }
}

const messageValues = (
  { attemptId, phaseRunId, fence }: AttemptRef,
  messages: readonly TranscriptMessage[],
): readonly unknown[] => [
  attemptId,
  messages.map(({ role }) => role),
  messages.map(({ content }) => content),
  messages.map(({ metadata }) => metadata ?? {}),
  phaseRunId,
  fence,
];

const callValues = (
  { attemptId, phaseRunId, fence }: AttemptRef,
  calls: readonly LlmCall[],
): readonly unknown[] => [
  attemptId,
  calls.map((call) => call.model),
  calls.map((call) => call.promptTokens),
  calls.map((call) => call.completionTokens),
  calls.map((call) => call.costUsd),
  calls.map((call) => call.status),
  calls.map((call) => call.errorCode ?? null),
  phaseRunId,
  fence,
  calls.map(({ prompt }) => prompt?.requestedTokens ?? null),
  calls.map(({ prompt }) => prompt?.maxTokens ?? null),
  calls.map(({ prompt }) =>
    prompt === undefined ? null : toJson(prompt.truncatedSections),
  ),
  calls.map(({ prompt }) => prompt?.budget ?? null),
];
