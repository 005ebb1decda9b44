import type { PromptInput, PromptName } from "@pullwright/agents";
import type { TranscriptMessage } from "@pullwright/persistence";
import { redact } from "@pullwright/platform";
import type { Checkout } from "@pullwright/workspace";
import { runAgentTurn, type AgentTurn } from "../agent/agent-turn.js";
import { QuotaTry } from "../agent/quota-try.js";
import { insistOnRoom } from "../attempt/disk-full.js";
import { outlast } from "../attempt/outlast.js";
import { insistOnEnd } from "../attempt/process-end.js";
import { silenceMsOf, type PhaseContext } from "./phase-context.js";
import { phasePrompt, promptRecord } from "./phase-prompt.js";

/**
 * Has the phase's agent do its work in the checkout, and keeps what it said.
 * @throws ProcessesLeft, and DiskFull where its failure is not its own
 */
export async function askAgent(
  context: PhaseContext,
  checkout: Checkout,
  material: Partial<PromptInput>,
  template?: PromptName,
): Promise<AgentTurn> {
  const { claimed, parts, log, stop } = context;
  const { run, phase, attempt } = claimed;
  await restoreAgentFiles(context, checkout);
  const prompt = await phasePrompt(context, material, template);

  const quotaTry = new QuotaTry(attempt, parts.stores.breakers);
  const said = await runAgentTurn(parts.agents.of(attempt), parts.sandbox, {
    attempt,
    adwId: run.adwId,
    issueNumber: run.issueNumber,
    phase: phase.definition,
    round: phase.round,
    prompt: prompt.text,
    model: attempt.worker?.model ?? null,
    prices: parts.agents.prices,
    worktree: checkout.path,
    readOnly: checkout.readOnly,
    attemptDir: context.attemptDir,
    timeoutMs: context.timeLimit.remainingMs,
    silenceMs: silenceMsOf(phase, parts.limits),
    memoryBytes: parts.limits.memoryBytes,
    purse: context.purse,
    log,
    onEvent: (event) => quotaTry.see(event),
    stop,
  });
  const turn = withoutSecrets(said, parts.secrets);
  await context.purse.endTurn(turn.usage);
  if (turn.failure === null) await quotaTry.succeeded();
  const { transcripts } = parts.stores;
  const kept = {
    messages: turn.messages,
    calls: turn.calls.map((call, index) =>
      index === 0 ? { ...call, prompt: promptRecord(prompt.budget) } : call,
    ),
  };
  const before = await outlast(context, () => transcripts.sizeOf(attempt));
  await outlast(context, () => transcripts.add(attempt, kept, before));
  insistOnEnd(turn.process.tree);
  if (turn.failure?.failureClass === "agent_error")
    await insistOnRoom(context.attemptDir, turn.failure.message);
  return turn;
}

/** Files that instruct or configure agents; only what stands on the base branch was reviewed by people. */
const AGENT_FILES = [
  ".agents",
  ".claude",
  ".codex",
  ".cursor",
  ".gemini",
  ".github/copilot-instructions.md",
  ".mcp.json",
  ".opencode",
  ".qwen",
  "AGENTS.md",
  "CLAUDE.md",
  "GEMINI.md",
  "opencode.json",
  "opencode.jsonc",
];

async function restoreAgentFiles(
  context: PhaseContext,
  checkout: Checkout,
): Promise<void> {
  const restored = await context.parts.workspaces.restoreFromBase(
    checkout,
    AGENT_FILES,
  );
  for (const path of restored)
    await context.log.add(
      "WARNING",
      `${path} differs from the base branch: the agent works with the one from there`,
    );
}

/** An agent may have seen what it never should; nothing that is kept, handed over or told to people says anything of it. */
function withoutSecrets(
  turn: AgentTurn,
  secrets: readonly string[],
): AgentTurn {
  const { answer, failure } = turn;
  const clean = (text: string) => redact(text, secrets);
  return {
    ...turn,
    answer: {
      ...answer,
      summary: clean(answer.summary),
      ...(answer.plan === undefined ? {} : { plan: clean(answer.plan) }),
    },
    failure: failure && { ...failure, message: clean(failure.message) },
    messages: redacted(turn.messages, secrets),
  };
}

function redacted(
  messages: readonly TranscriptMessage[],
  secrets: readonly string[],
): TranscriptMessage[] {
  return messages.map((message) => ({
    ...message,
    content: redact(message.content, secrets),
    ...(message.metadata === undefined
      ? {}
      : {
          metadata: JSON.parse(
            redact(JSON.stringify(message.metadata), secrets),
          ) as Record<string, unknown>,
        }), // Redaction leaves JSON's own signs alone.
  }));
}
