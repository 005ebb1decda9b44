import { reach } from "@pullwright/platform";
import type { Agents } from "../agent/agents.js";
import type { PhaseDefinition, PhaseResult } from "@pullwright/domain";
import type { ClaimedPhase, Stores } from "@pullwright/persistence";
import type { Sandbox } from "@pullwright/sandbox";
import type { Checkout, Workspaces } from "@pullwright/workspace";
import type { AttemptFolders } from "../attempt/attempt-folders.js";
import type { Lease } from "../attempt/lease.js";
import type { Purse } from "../attempt/purse.js";
import type { LogWriter } from "../attempt/log-writer.js";
import { TimeLimit } from "../attempt/time-limit.js";
import type { GitAccess } from "../git-access.js";

/** What the phases of one runner share. */
export interface RunnerParts {
  readonly stores: Stores;
  readonly workspaces: Workspaces;
  readonly folders: AttemptFolders;
  readonly sandbox: Sandbox;
  readonly agents: Agents;
  readonly git: GitAccess;
  /** `PATH` of the repository's own commands. */
  readonly searchPath: string;
  /** Values that must not appear in anything that is kept. */
  readonly secrets: readonly string[];
  readonly limits: {
    /** Instead of the phase's own. */
    readonly phaseTimeoutMs?: number | undefined;
    /** Instead of the phase's own. */
    readonly silenceTimeoutMs?: number | undefined;
    /** Of all processes of an agent, or of a command, together. */
    readonly memoryBytes: number;
  };
}

/** One attempt at one phase, as its steps see it. */
export interface PhaseContext {
  readonly claimed: ClaimedPhase;
  readonly parts: RunnerParts;
  readonly log: LogWriter;
  readonly lease: Lease;
  readonly stop: AbortController;
  /** What its agents may spend. */
  readonly purse: Purse;
  /** How long all its turns and commands together may take. */
  readonly timeLimit: TimeLimit;
  /** A folder of this attempt alone. */
  readonly attemptDir: string;
}

const MINUTE_MS = 60_000;

/** What a phase may take: what the installation says, else its definition, and no more than its run has left, or a minute. */
export function timeLimitOf(
  { run, phase }: Pick<ClaimedPhase, "run" | "phase">,
  limits: Pick<RunnerParts["limits"], "phaseTimeoutMs">,
): TimeLimit {
  const { state } = run;
  return new TimeLimit(
    Math.min(
      limits.phaseTimeoutMs ?? phase.definition.timeoutMinutes * MINUTE_MS,
      Math.max(MINUTE_MS, state.limits.maxActiveMs - state.activeMs),
    ),
  );
}

/** How long the phase's agent and its commands may be silent: what the installation says, else the phase's definition. */
export function silenceMsOf(
  {
    definition,
  }: { readonly definition: Pick<PhaseDefinition, "stallMinutes"> },
  limits: Pick<RunnerParts["limits"], "silenceTimeoutMs">,
): number {
  return limits.silenceTimeoutMs ?? definition.stallMinutes * MINUTE_MS;
}

/** How an attempt's work ended; the commit is on the remote when `pushedSha` is set. */
export interface PhaseOutcome {
  readonly result: PhaseResult;
  readonly pushedSha?: string;
}

/** Nothing of this attempt may count any more: neither result nor log. */
export class AttemptLost extends Error {
  constructor() {
    super("the attempt no longer holds its phase");
    this.name = "AttemptLost";
  }
}

/**
 * Opens the checkout that the phase works in: the run's branch at the commit it goes on from. `freshBase` asks the
 * remote where the base branch is now; else only what is missing here is fetched.
 */
export async function openCheckout(
  context: PhaseContext,
  from: { readonly sha?: string; readonly freshBase?: boolean } = {},
): Promise<Checkout> {
  const { claimed, parts, log, stop } = context;
  const { run, attempt } = claimed;
  const sha = from.sha ?? run.state.headSha;
  const started = performance.now();
  const checkout = await parts.workspaces.prepare({
    repository: parts.git.repositoryOf(run.repository),
    credentials: parts.git.credentialsFor(run.repository, "read"),
    branch: run.branch,
    baseBranch: run.baseBranch,
    // While nothing is recorded, what lies on the branch is what a lost attempt left between two pushes.
    startSha: sha,
    ...(from.freshBase === true ? { fetch: "always" } : {}),
    attemptId: attempt.attemptId,
    signal: stop.signal,
  });
  await log.add(
    "INFO",
    `checked out ${checkout.headSha.slice(0, 12)} of ${run.branch} in ${Math.round(performance.now() - started)} ms${checkout.reused ? " (the tree of the phase before)" : ""}`,
  );
  reach("runner.workspace-ready");
  return checkout;
}
