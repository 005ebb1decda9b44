import {
  chooseRoute,
  DEFAULT_PRIORITY,
  priorityOfLabels,
  runLimitUsd,
  type RunLimits,
} from "@pullwright/domain";
import type { GitHub } from "@pullwright/github";
import type {
  CreateRun,
  CreateRunAnswer,
  Repository,
  Stores,
} from "@pullwright/persistence";
import {
  permittedComments,
  saysSomething,
  snapshotOf,
} from "@pullwright/intake";
import { reach } from "@pullwright/platform";
import type { Announce } from "../announce.js";
import { inline } from "../rendering/plain-text.js";
import type { Answers, Question } from "./answers.js";
import { mayHaveChangedSince } from "./changed-since.js";
import { ignored, type Handled } from "./handled.js";
import type { RunWish } from "./run-wish.js";
import { findWorkflow, workflowList } from "./workflows.js";

export interface RunStarterParts {
  readonly stores: Stores;
  readonly github: GitHub;
  readonly announce: Announce;
  readonly answers: Answers;
  /** The names of the agents of this installation. */
  readonly agents: readonly string[];
  /** The installation's route of agents; empty for the default agent alone. */
  readonly route: readonly string[];
  /** The installation's limits. */
  readonly limits: RunLimits;
}

/** Turns an accepted wish into a run, or into one answer that says why not. */
export class RunStarter {
  constructor(private readonly parts: RunStarterParts) {}

  async start(wish: RunWish): Promise<Handled> {
    const { answers, stores, github } = this.parts;
    const { cause, repository, issue } = wish;
    const question: Question = {
      cause,
      repositoryId: repository.id,
      issueNumber: issue.number,
    };
    const workflow = findWorkflow(wish.workflow);
    if (workflow === undefined)
      return answers.give(
        question,
        `There is no workflow ${inline(wish.workflow ?? "", [], 80)}. These are:\n\n${workflowList()}`,
        "there is no such workflow",
      );
    const unknownAgent = this.#unknownAgent(wish);
    if (unknownAgent !== null)
      return answers.give(question, unknownAgent, "there is no such agent");
    if (await mayHaveChangedSince(wish, github))
      return answers.give(
        question,
        "This issue was changed after you asked, and I cannot tell whether it still says what you read. Look at it again, then ask again.",
        "the issue was changed after it was asked for",
      );
    if (!saysSomething(issue))
      return answers.give(
        question,
        "`invalid_input`: this issue has neither a readable title nor a description. Write what is to be done, then ask again.",
        "invalid_input: the issue says nothing",
      );
    const { actor, ahead, askedAt, deliveryId } = wish;
    const [comments, now, blockedBy] = await Promise.all([
      permittedComments(github, { ...ahead, repository, actor, askedAt }),
      ahead.repository,
      ahead.blockedBy,
    ]);
    // The name that we know was given to another: nothing that was read there is what was asked for.
    if (now.id !== repository.githubId)
      return ignored("the repository's name belongs to another one now", {
        cause,
      });
    const request: CreateRun = {
      repository,
      baseBranch: now.defaultBranch,
      workflow,
      limits: narrowed(this.parts.limits, repository, wish.budgetUsd),
      issueNumber: issue.number,
      snapshot: snapshotOf(issue, comments),
      cause,
      triggeredBy: wish.actor.login,
      triggerSource: wish.source,
      trigger: { deliveryId, askedAt },
      agent: wish.agent,
      model: wish.model,
      agentRoute: chooseRoute(repository.policy["agent_route"], this.parts),
      priority: priorityOfLabels(issue.labels) ?? DEFAULT_PRIORITY,
      blockedBy,
    };
    return this.#settle(await stores.creation.create(request), question);
  }

  #unknownAgent({ agent }: RunWish): string | null {
    const { agents } = this.parts;
    if (agent === null || agents.includes(agent)) return null;
    const list = agents.map((name) => `- \`${name}\``).join("\n");
    return `There is no agent ${inline(agent, [], 80)} here. These are:\n\n${list}`;
  }

  async #settle(answer: CreateRunAnswer, question: Question): Promise<Handled> {
    const { announce, answers } = this.parts;
    const { cause } = question;
    switch (answer.kind) {
      case "created":
        reach("orchestrator.run-created-not-rung");
        await announce(answer);
        return {
          verdict: "started",
          reason: `run ${answer.run.adwId}`,
          cause,
          runId: answer.run.id,
        };
      case "cause_known":
        return ignored(`run ${answer.run.adwId} has this cause already`, {
          cause,
          runId: answer.run.id,
        });
      case "cause_spent":
        return ignored("the run of this cause was deleted", { cause });
      case "work_item_busy":
        return answers.give(
          question,
          `Run \`${answer.run.adwId}\` of this issue is still ${answer.run.state.status}, and an issue has one run at a time. Wait for its end, or comment \`/cancel\` first; then ask again.`,
          `run ${answer.run.adwId} is live`,
          answer.run,
        );
      case "no_earlier_run":
        return answers.give(
          question,
          "`invalid_input`: this workflow goes on from an earlier run of the issue, and none has finished with a commit that is not merged yet. Run `/adw adw_plan_build` or `/adw` first.",
          "invalid_input: there is no earlier run",
        );
    }
  }
}

/** The installation's limits, narrowed by the repository's policy and by whoever asks. */
function narrowed(
  limits: RunLimits,
  { policy }: Repository,
  budgetUsd: number | null,
): RunLimits {
  const maxUsd = runLimitUsd(policy, limits.maxUsd);
  if (budgetUsd === null) return { ...limits, maxUsd };
  return { ...limits, maxUsd: Math.min(budgetUsd, maxUsd ?? Infinity) };
}
