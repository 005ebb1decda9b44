import type { Command, RunEvent } from "@pullwright/domain";
import type {
  LoadedRun,
  Repository,
  RunExtras,
  Stores,
  TransitionAnswer,
} from "@pullwright/persistence";
import { reach } from "@pullwright/platform";
import type { Announce } from "../announce.js";
import { inline } from "../rendering/plain-text.js";
import type { Answers, Question } from "./answers.js";
import { wasAskedForAfter } from "./asked-for-later.js";
import {
  ignored,
  leftToNewer,
  settledBefore,
  type Handled,
  type NotYet,
} from "./handled.js";

/** A command to the issue's latest run. */
export type RunCommand = Exclude<Command, { name: "adw" }>;

export interface CommandRequest {
  readonly question: Question;
  readonly repository: Repository;
  /** A GitHub login with the right to ask. */
  readonly actor: string;
  /** When, on GitHub's clock. */
  readonly askedAt: string;
  /** The delivery that told of it. */
  readonly deliveryId: string;
}

/** Commands that move a run there is. What moves nothing is answered once. */
export class RunCommands {
  constructor(
    private readonly stores: Stores,
    private readonly answers: Answers,
    private readonly announce: Announce,
    /** The git host, for links. */
    private readonly serverUrl: string,
  ) {}

  async handle(
    command: RunCommand,
    request: CommandRequest,
  ): Promise<Handled | NotYet> {
    const { question, repository } = request;
    const { issueNumber } = question;
    const run = await this.stores.runs.latestOfIssue(
      repository.id,
      issueNumber,
    );
    if (run === null)
      return this.answers.give(
        question,
        "This issue has no run yet. Comment `/adw` to start one.",
        "the issue has no run",
      );
    switch (command.name) {
      case "status":
        return this.#status(run, question);
      case "approve":
      case "reject":
        return this.answers.give(
          question,
          `Nothing of run \`${run.adwId}\` awaits an approval.`,
          "nothing awaits an approval",
          run,
        );
      case "cancel":
      case "retry":
      case "continue":
        return this.#move(run, command, request);
    }
  }

  async #move(
    run: LoadedRun,
    command: Extract<RunCommand, { name: "cancel" | "retry" | "continue" }>,
    { question, actor, askedAt, deliveryId }: CommandRequest,
  ): Promise<Handled | NotYet> {
    const { cause } = question;
    if (await wasAskedForAfter(askedAt, run, this.stores))
      return this.answers.give(
        question,
        `\`/${command.name}\` did nothing: run \`${run.adwId}\` was asked for after you wrote it, and the run that you meant is over. If you mean this one, say it again.`,
        "the run was asked for later",
        run,
      );
    const { event, extras } = eventOf(command, actor);
    const answer = await this.stores.transitions.apply(run.id, {
      event,
      by: { actor, cause, trigger: { source: "comment", deliveryId } },
      ...(extras === undefined ? {} : { extras }),
    });
    switch (answer.kind) {
      case "applied":
        reach("orchestrator.command-recorded-not-rung");
        await this.announce(answer);
        return {
          verdict: "moved",
          reason: `${command.name} of run ${run.adwId}`,
          cause,
          runId: run.id,
        };
      case "not_found":
        return ignored("the run is gone", { cause });
      case "refused":
        if (answer.reason === "newer_version")
          return leftToNewer(answer.message);
        if (answer.reason === "cause_known")
          return ignored("the command was taken before", {
            cause,
            runId: run.id,
          });
        return this.#refused(command, answer, question);
    }
  }

  /** The same comment, delivered twice at once, may have moved the run meanwhile: then it is what stands in its own way. */
  async #refused(
    command: RunCommand,
    { run, message, reason }: Extract<TransitionAnswer, { kind: "refused" }>,
    question: Question,
  ): Promise<Handled> {
    const { cause } = question;
    const settled = await this.stores.deliveries.settledCause(cause);
    if (settled !== null) return settledBefore(cause, settled);
    return this.answers.give(
      question,
      `\`/${command.name}\` did nothing to run \`${run.adwId}\`. ${inline(message, [], 500)}`,
      reason,
      run,
    );
  }

  async #status(run: LoadedRun, question: Question): Promise<Handled> {
    const { owner, name } = run.repository;
    const shown = (await this.stores.effects.ofRun(run.id)).find(
      ({ kind }) => kind === "status_comment",
    )?.externalId;
    const link =
      shown === undefined || shown === null
        ? ""
        : ` [Its comment](${this.serverUrl}/${owner}/${name}/issues/${question.issueNumber.toString()}#issuecomment-${shown}) shows it as it goes.`;
    const { status, waiting } = run.state;
    const why = waiting === null ? "" : ` (${waiting.reason})`;
    return this.answers.give(
      question,
      `Run \`${run.adwId}\` is **${status}**${why}.${link}`,
      "the status was told",
      run,
    );
  }
}

function eventOf(
  command: Extract<RunCommand, { name: "cancel" | "retry" | "continue" }>,
  by: string,
): { readonly event: RunEvent; readonly extras?: RunExtras } {
  switch (command.name) {
    case "cancel":
      return {
        event: {
          type: "cancel_requested",
          by,
          reason: command.reason === "" ? null : command.reason.slice(0, 2_000),
        },
      };
    case "retry":
      return {
        event: { type: "retry_requested", by, phase: command.phase },
        extras: {
          note: command.note === "" ? null : command.note.slice(0, 10_000),
        },
      };
    case "continue":
      return {
        event: { type: "continue_requested", by, addUsd: command.addUsd },
      };
  }
}
