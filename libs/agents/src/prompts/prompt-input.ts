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

/** What became of the execution that a person had retried. */
export interface EarlierTry {
  /** Absent when it did not fail, but did not please either. */
  readonly failure?: {
    readonly phase: string;
    readonly failureClass: string;
    readonly message: string;
    /** The end of the failed phase's log. */
    readonly log: string;
  };
  /** The patch it left, committed or not. */
  readonly diff?: string;
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
  readonly earlierTry?: EarlierTry;
  /** Of a run that goes on after a break: what its phases left so far, and which files were kept of it. */
  readonly progress?: string;
  readonly conflictingFiles?: readonly string[];
  /** What a person with the right to do so added to a retry or a command. */
  readonly note?: string;
}
