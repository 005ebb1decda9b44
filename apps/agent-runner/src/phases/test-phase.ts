import type { PhaseResult, TestEvidence } from "@pullwright/domain";
import type { Checkout } from "@pullwright/workspace";
import {
  openCheckout,
  type PhaseContext,
  type PhaseOutcome,
} from "./phase-context.js";
import { runCommands, type CommandsRun } from "./run-commands.js";

const MINUTE_MS = 60_000;

/** Paths whose change means that the judge may have been changed with the code. */
const testPaths =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\/|(?:^|\/)[^/]*[._-](?:test|spec|tests|specs)\.[^/]+$|(?:^|\/)(?:test_[^/]+\.py|conftest\.py)$/i;
const scriptPaths =
  /(?:^|\/)(?:package\.json|Makefile|tox\.ini|pytest\.ini|pyproject\.toml|setup\.cfg|jest\.config\.[^/]+|vitest\.config\.[^/]+|\.pullwright\.yml)$/;

/**
 * Pullwright's own verdict: the base branch's commands, in a clean checkout, at the head of the run's branch.
 *
 * Base goes first, once an execution, so that failures that were there before are told apart.
 */
export async function testPhase(context: PhaseContext): Promise<PhaseOutcome> {
  const { claimed, parts, log } = context;
  const { state } = claimed.run;
  if (state.headSha === null) {
    return failed(
      "invalid_input",
      "There is nothing to test: no earlier run of this work item left a commit.",
      null,
    );
  }
  const checkout = await openCheckout(context);
  try {
    const commands = await parts.workspaces.discoverCommands(
      checkout,
      checkout.baseSha,
    );
    if (commands.length === 0) {
      await log.add(
        "WARNING",
        "the base branch names no test command: the change is untested",
      );
      return succeeded("No test command was found; the change is untested.", {
        tested: false,
        commands: [],
        changedTestFiles: [],
        baseFailed: false,
        headSha: checkout.headSha,
      });
    }
    const timeoutMs = Math.min(
      claimed.phase.definition.timeoutMinutes * MINUTE_MS,
      parts.limits.phaseTimeoutMs,
      Math.max(MINUTE_MS, state.limits.maxActiveMs - state.activeMs),
    );
    const endAt = performance.now() + timeoutMs;
    const baseFailed =
      knownBase(context) ??
      (await testBase(context, checkout, commands, timeoutMs));
    await parts.workspaces.useJudgeOf(checkout, checkout.baseSha, commands);
    const head = await runCommands(
      context,
      checkout,
      commands,
      "head",
      Math.max(MINUTE_MS, endAt - performance.now()),
    );
    const changed = await parts.workspaces.changedFiles(
      checkout,
      checkout.baseSha,
      checkout.headSha,
    );
    return await verdict(context, head, {
      tested: true,
      commands: head.evidence,
      changedTestFiles: changed
        .map((file) => file.path)
        .filter((path) => path !== state.planFile)
        .filter((path) => testPaths.test(path) || scriptPaths.test(path)),
      baseFailed,
      headSha: checkout.headSha,
    });
  } finally {
    await parts.workspaces.release(checkout);
  }
}

/** What an earlier round of this execution found on base; it has not moved for this run. */
function knownBase(context: PhaseContext): boolean | null {
  const earlier = context.claimed.run.state.phases.find(
    (phase) =>
      phase.reusedFrom === null && phase.result?.tests?.tested === true,
  );
  return earlier?.result?.tests?.baseFailed ?? null;
}

async function testBase(
  context: PhaseContext,
  checkout: Checkout,
  commands: Parameters<typeof runCommands>[2],
  timeoutMs: number,
): Promise<boolean> {
  const { parts } = context;
  const base = await parts.workspaces.cleanCheckout(checkout, checkout.baseSha);
  try {
    const run = await runCommands(context, base, commands, "base", timeoutMs);
    return !run.passed;
  } finally {
    await parts.workspaces.release(base);
  }
}

async function verdict(
  context: PhaseContext,
  head: CommandsRun,
  tests: TestEvidence,
): Promise<PhaseOutcome> {
  const { claimed, parts } = context;
  await parts.stores.artifacts.keep(claimed.attempt, {
    kind: "test_report",
    name: `test-${claimed.phase.round}.json`,
    contentType: "application/json",
    content: JSON.stringify(tests, null, 2),
  });
  if (head.broken !== null)
    return failed(head.broken.failureClass, head.broken.message, tests);
  if (head.passed) {
    const was = tests.baseFailed ? " They failed on the base branch." : "";
    return succeeded(
      `${tests.commands.map((command) => command.command.join(" ")).join(", ")}: passed.${was}`,
      tests,
    );
  }
  const bad = head.evidence.at(-1);
  const also = tests.baseFailed
    ? " The same commands fail on the base branch too."
    : "";
  return failed(
    "tests_failed",
    `${bad?.command.join(" ") ?? "A test command"} exited with ${bad?.exitCode ?? "a signal"}.${also}`,
    tests,
  );
}

function succeeded(summary: string, tests: TestEvidence): PhaseOutcome {
  return {
    result: {
      outcome: "succeeded",
      summary,
      usage: null,
      tests,
      handoff: { contentMd: summary, metadata: { tested: tests.tested } },
    },
  };
}

function failed(
  failureClass: Extract<PhaseResult, { outcome: "failed" }>["failureClass"],
  message: string,
  tests: TestEvidence | null,
): PhaseOutcome {
  return {
    result: {
      outcome: "failed",
      failureClass,
      message,
      summary: "",
      usage: null,
      ...(tests === null ? {} : { tests }),
    },
  };
}
