import type { Handoff, IssueClass } from "@pullwright/domain";

/** An issue as it was when its run was triggered. Every text of it is untrusted. */
export interface IssueSnapshot {
  /** Null for a work item that is no issue. */
  readonly number: number | null;
  readonly title: string;
  readonly body: string;
  readonly author?: string;
  readonly labels?: readonly string[];
  /** Only those of people whose comments count. */
  readonly comments?: readonly {
    readonly author: string;
    readonly body: string;
  }[];
}

/** The real output of a command that failed. */
export interface FailedCommand {
  readonly command: readonly string[];
  readonly exitCode: number | null;
  readonly output: string;
}

/** All that a prompt may be made from; each template takes what it needs. */
export interface PromptInput {
  /** `owner/name`. */
  readonly repository: string;
  readonly baseBranch: string;
  readonly issue: IssueSnapshot;
  readonly classification?: IssueClass;
  readonly plan?: string;
  /** Of the phases before, oldest first. */
  readonly handoffs?: readonly Handoff[];
  readonly failedCommands?: readonly FailedCommand[];
  readonly conflictingFiles?: readonly string[];
  /** What a person with the right to do so added to a retry or a command. */
  readonly note?: string;
}
