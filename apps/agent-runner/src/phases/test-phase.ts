import type { PhaseResult, TestEvidence } from "@pullwright/domain";
import type { Checkout } from "@pullwright/workspace";
import { outlast } from "../attempt/outlast.js";
import { commandsOfBase } from "./commands-of-base.js";
import {
  openCheckout,
  type PhaseContext,
  type PhaseOutcome,
} from "./phase-context.js";
import { runCommands, type CommandsRun } from "./run-commands.js";
import { isTestOrScript } from "./tests-and-scripts.js";

const MINUTE_MS = 60_000;
const MAX_NAMED = 20;

/**
 * Pullwright's own verdict: the base branch's commands, in a clean checkout, at the head of the run's branch.
 *
 * Base goes first, once an execution while it does not move, so that failures that were there before are told apart.
 */
export async function testPhase(context: PhaseContext): Promise<PhaseOutcome> {
  const { claimed, parts, log, timeLimit } = context;
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
    const found = await commandsOfBase(context, checkout);
    if (found.kind === "broken") return found.outcome;
    const { commands } = found;
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
    const baseFailed =
      knownBase(context, checkout.baseSha) ??
      (await testBase(context, checkout, commands));
    const replaced = await parts.workspaces.useJudgeOf(
      checkout,
      checkout.baseSha,
      commands,
    );
    if (replaced.length > 0)
      await log.add(
        "WARNING",
        `the change is judged with the base branch's ${named(replaced)}, not with its own`,
      );
    const head = await runCommands(
      context,
      checkout,
      commands,
      "head",
      Math.max(MINUTE_MS, timeLimit.remainingMs),
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
        .filter((path) => isTestOrScript(path) || replaced.includes(path)),
      baseFailed,
      baseSha: checkout.baseSha,
      headSha: checkout.headSha,
    });
  } finally {
    await parts.workspaces.release(checkout);
  }
}

/** What an earlier round of this execution found on this very base; a build may have brought the branch onto a newer one. */
function knownBase(context: PhaseContext, baseSha: string): boolean | null {
  const earlier = context.claimed.run.state.phases.find(
    ({ reusedFrom, result }) =>
      reusedFrom === null && result?.tests?.baseSha === baseSha,
  );
  return earlier?.result?.tests?.baseFailed ?? null;
}

async function testBase(
  context: PhaseContext,
  checkout: Checkout,
  commands: Parameters<typeof runCommands>[2],
): Promise<boolean> {
  const { parts, timeLimit } = context;
  const base = await parts.workspaces.cleanCheckout(
    checkout,
    checkout.baseSha,
    { signal: context.stop.signal },
  );
  try {
    const run = await runCommands(
      context,
      base,
      commands,
      "base",
      timeLimit.remainingMs,
    );
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
  await outlast(context, () =>
    parts.stores.artifacts.keep(claimed.attempt, {
      kind: "test_report",
      name: `test-${claimed.phase.round}.json`,
      contentType: "application/json",
      content: JSON.stringify(tests, null, 2),
    }),
  );
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

function named(paths: readonly string[]): string {
  const more = paths.length - MAX_NAMED;
  const some = paths.slice(0, MAX_NAMED).join(", ");
  return more > 0 ? `${some} and ${more} more` : some;
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
