import type { GitHub } from "@pullwright/github";
import type { Runtime } from "@pullwright/runtime";
import { Blockers } from "./deliveries/blockers.js";
import { agentNames } from "@pullwright/platform";
import { Answers } from "./deliveries/answers.js";
import { CommentCommand } from "./deliveries/comment-command.js";
import { DeliveryWorker } from "./deliveries/delivery-worker.js";
import { EventRouter } from "./deliveries/event-router.js";
import { IssueClosed } from "./deliveries/issue-closed.js";
import { LabelTrigger } from "./deliveries/label-trigger.js";
import { PullRequestClosed } from "./deliveries/pull-request-closed.js";
import { RunCommands } from "./deliveries/run-commands.js";
import { RunStarter } from "./deliveries/start-run.js";
import { UnwantedRuns } from "./deliveries/unwanted-runs.js";
import { EffectWorker } from "./effects/effect-worker.js";
import { effectPerformer } from "./effects/perform-effect.js";
import { RunTeller } from "./effects/run-teller.js";
import { OpenRunComparison } from "./reconciler/compare-open-runs.js";
import { emptiedQueueStep } from "./reconciler/emptied-queue-step.js";
import { followBudgetsStep } from "./reconciler/follow-budgets-step.js";
import { Reconciler } from "./reconciler/reconciler.js";
import { retentionStep } from "./reconciler/retention-step.js";
import { reconcilerSteps } from "./reconciler/steps.js";
import { defaultTiming, type Timing } from "./timing.js";

/** What the orchestrator needs of its process. */
export type OrchestratorRuntime = Pick<
  Runtime,
  | "announce"
  | "config"
  | "health"
  | "logger"
  | "metrics"
  | "owner"
  | "queues"
  | "stores"
>;

/** Turns deliveries into transitions, performs effects, reconciles. */
export interface Orchestrator {
  start(): void;
  /** Takes nothing more and waits for what runs; false when something had to be let go of. */
  stop(deadlineMs: number): Promise<boolean>;
  /** Whether this process is the one that reconciles. */
  readonly isReconciling: boolean;
}

/** Deliveries wait for GitHub most of their time. */
const DELIVERY_CONCURRENCY = 8;
/** Writes go to GitHub one after another anyway; more workers only wait. */
const EFFECT_CONCURRENCY = 8;

/** Puts the orchestrator together; nothing begins before `start`. */
export function createOrchestrator(
  runtime: OrchestratorRuntime,
  github: GitHub,
  timing: Timing = defaultTiming,
): Orchestrator {
  const { config, logger, metrics, owner, queues, stores } = runtime;
  const router = routerOf(runtime, github);
  const deliveries = new DeliveryWorker({
    stores,
    handle: (delivery) => router.handle(delivery),
    timing,
    logger,
    metrics,
  });
  const effects = new EffectWorker({
    stores,
    perform: effectPerformer({
      stores,
      github,
      uncertaintyMs: timing.uncertaintyMs,
      writeMs: timing.writeMs,
      texts: {
        serverUrl: config.github.serverUrl,
        publicUrl: config.http.publicUrl,
        secrets: config.secrets,
      },
    }),
    teller: new RunTeller({
      stores,
      announce: runtime.announce,
      owner,
      logger,
    }),
    timing,
    metrics,
  });
  const reconciler = new Reconciler({
    leases: stores.leases,
    owner,
    steps: reconcilerSteps({
      stores,
      announce: runtime.announce,
      owner,
      defaultAgent: config.agents.default,
      timing: timing.reconciler,
      comparison: comparisonOf(runtime, github.as("discovery")),
      logger,
    }).concat(
      followBudgetsStep({
        budgets: stores.budgets,
        maxDayUsd: config.runner.maxDayUsd,
      }),
      emptiedQueueStep({
        queues: runtime.queues,
        reconciliation: stores.reconciliation,
        everyMs: timing.reconciler.tickMs,
        logger,
      }),
      retentionStep({
        retention: stores.retention,
        policy: config.retention,
        owner,
        stretchMs: timing.reconciler.stepTimeoutMs / 2,
        metrics,
      }),
    ),
    timing: timing.reconciler,
    logger,
    metrics,
  });
  const workers: { close(deadlineMs: number): Promise<boolean> }[] = [];
  return {
    start: () => {
      // Known once is enough: GitHub being away for a while makes nothing of this process useless.
      runtime.health.register("github", () => github.identity());
      workers.push(
        queues.work(
          "pipeline-events",
          {
            "delivery.received": ({ deliveryId }) =>
              deliveries.answer(deliveryId),
          },
          { concurrency: DELIVERY_CONCURRENCY },
        ),
        queues.work(
          "effects",
          { "effect.due": ({ effectId }) => effects.answer(effectId) },
          { concurrency: EFFECT_CONCURRENCY },
        ),
      );
      reconciler.start();
    },
    stop: async (deadlineMs) => {
      const closed = await Promise.all(
        workers.map((worker) => worker.close(deadlineMs)),
      );
      await reconciler.stop();
      return closed.every(Boolean);
    },
    get isReconciling() {
      return reconciler.isHolder;
    },
  };
}

function routerOf(runtime: OrchestratorRuntime, github: GitHub): EventRouter {
  const { announce, config, stores } = runtime;
  const { runner } = config;
  const answers = new Answers(stores, announce);
  const starter = new RunStarter({
    stores,
    github,
    announce,
    answers,
    agents: agentNames(config),
    route: config.agents.route,
    limits: {
      maxActiveMs: runner.maxRunMs,
      maxUsd: runner.maxRunUsd ?? null,
      maxFixRounds: runner.maxBuildRounds,
    },
  });
  const { serverUrl } = config.github;
  const { pullRequests, issues } = closingsOf(runtime, github);
  return new EventRouter({
    stores,
    github,
    labels: new LabelTrigger(github, starter, stores),
    comments: new CommentCommand({
      github,
      stores,
      answers,
      starter,
      commands: new RunCommands(stores, answers, announce, serverUrl),
    }),
    closings: issues,
    pullRequests,
    blockers: new Blockers(stores, github, announce, runtime.owner),
  });
}

function comparisonOf(
  runtime: OrchestratorRuntime,
  github: GitHub,
): OpenRunComparison {
  const { stores, announce, owner, logger } = runtime;
  const { pullRequests, issues } = closingsOf(runtime, github);
  const blockers = new Blockers(stores, github, announce, owner);
  return new OpenRunComparison(stores, pullRequests, issues, blockers, logger);
}

/** Who ends the runs of what was closed on GitHub. */
function closingsOf(
  { stores, announce, owner }: OrchestratorRuntime,
  github: GitHub,
) {
  const unwanted = new UnwantedRuns(stores, announce, owner);
  const pullRequests = new PullRequestClosed(stores, github, unwanted);
  const issues = new IssueClosed(stores, github, pullRequests, unwanted);
  return { pullRequests, issues };
}
