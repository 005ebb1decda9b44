import { MAX_LIMIT_USD } from "@pullwright/domain";
import { z } from "zod";

/**
 * One event model for every agent. A CLI's own stream is normalised to it by its adapter; a `command` agent may
 * print these objects itself, one a line. Documented in `docs/agent-protocol.md`, JSON Schema beside it.
 */

const tokens = z.number().int().nonnegative();

/** What counts of a greater cost: nobody may set a limit above it. US dollars. */
export const MAX_REPORTED_USD = MAX_LIMIT_USD;

export const agentUsageSchema = z.object({
  input_tokens: tokens.describe("Without the cached ones."),
  output_tokens: tokens,
  cache_read_tokens: tokens.default(0),
  cache_write_tokens: tokens.default(0),
  cost_usd: z
    .number()
    .nonnegative()
    .nullable()
    .default(null)
    .describe(
      `US dollars; of more than ${MAX_REPORTED_USD.toString()} so much counts.`,
    ),
});
export type AgentUsage = z.infer<typeof agentUsageSchema>;

export const agentErrorClasses = [
  "auth",
  "rate_limit",
  "server",
  "network",
  "context_overflow",
  "invalid_request",
  "limit",
  "refusal",
  "session_not_found",
  "unknown",
] as const;

export const agentErrorSchema = z.object({
  class: z.enum(agentErrorClasses).default("unknown"),
  message: z.string().default(""),
  http_status: z.number().int().nullable().default(null),
  resume_at: z.iso.datetime({ offset: true }).optional(),
});
export type AgentError = z.infer<typeof agentErrorSchema>;

const parentCall = z
  .string()
  .optional()
  .describe("The tool call of the sub-agent that this belongs to.");

const fileChangeSchema = z.object({
  path: z.string(),
  kind: z.enum(["add", "update", "delete"]),
});

const toolKind = z.enum([
  "read",
  "edit",
  "execute",
  "search",
  "fetch",
  "other",
]);

export const agentStops = [
  "completed",
  "max_turns",
  "budget",
  "error",
  "cancelled",
  "crashed",
  "killed",
] as const;

export const agentFinishedSchema = z.object({
  type: z.literal("finished"),
  outcome: z.enum(["succeeded", "failed", "cancelled"]),
  stop: z.enum(agentStops).optional(),
  error: agentErrorSchema.optional(),
  text: z.string().optional().describe("The agent's final words."),
  structured: z.unknown().optional(),
  denials: z
    .array(z.object({ name: z.string(), input: z.unknown().optional() }))
    .default([]),
  usage: agentUsageSchema.nullable().default(null),
  turns: z.number().int().nonnegative().optional(),
  session_id: z.string().optional(),
});
export type AgentFinished = z.infer<typeof agentFinishedSchema>;

export const agentEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("started"),
    agent: z.string().optional(),
    agent_version: z.string().optional(),
    session_id: z.string().optional(),
    model: z.string().optional(),
    tools: z.array(z.string()).optional(),
  }),
  z.object({
    type: z.literal("text"),
    text: z.string(),
    message_id: z.string().optional(),
    parent_call_id: parentCall,
  }),
  z.object({ type: z.literal("reasoning"), text: z.string() }),
  z.object({
    type: z.literal("tool_started"),
    call_id: z.string(),
    name: z.string(),
    kind: toolKind.default("other"),
    input: z.unknown().optional(),
    parent_call_id: parentCall,
  }),
  z.object({
    type: z.literal("tool_finished"),
    call_id: z.string(),
    status: z.enum(["ok", "error", "denied"]),
    output: z.string().optional(),
    exit_code: z.number().int().optional(),
    changes: z
      .array(fileChangeSchema)
      .optional()
      .describe(
        "What the tool says it did to files; the diff is the evidence.",
      ),
  }),
  z.object({
    type: z.literal("permission"),
    call_id: z.string().optional(),
    name: z.string().optional(),
    decision: z.string().optional(),
  }),
  z.object({
    type: z.literal("retry"),
    attempt: z.number().int(),
    max: z.number().int().optional(),
    delay_ms: z.number().nonnegative().optional(),
    http_status: z.number().int().nullable().optional(),
    message: z.string().optional(),
  }),
  z.object({
    type: z.literal("usage"),
    scope: z
      .enum(["step", "run"])
      .default("step")
      .describe("`run` replaces all that was reported before, `step` adds."),
    model: z.string().optional(),
    message_id: z.string().optional(),
    usage: agentUsageSchema,
  }),
  z.object({ type: z.literal("warning"), message: z.string() }),
  z.object({
    type: z.literal("raw"),
    line: z.string(),
    stream: z.enum(["stdout", "stderr"]).default("stdout"),
  }),
  agentFinishedSchema,
]);
export type AgentEvent = z.infer<typeof agentEventSchema>;

/** What a `command` agent may write to the file named by `PULLWRIGHT_OUTPUT`. */
export const agentOutputFileSchema = z.object({
  summary: z.string().optional(),
  classification: z.enum(["feature", "bug", "chore"]).optional(),
  plan: z.string().optional().describe("Markdown."),
});
export type AgentOutputFile = z.infer<typeof agentOutputFileSchema>;
