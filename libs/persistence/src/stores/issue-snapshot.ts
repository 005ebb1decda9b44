/** A work item as it stood when its run was triggered. */
export interface IssueSnapshot {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly author: string | null;
  /** Comments of people who may write, oldest first. */
  readonly comments: readonly {
    readonly author: string;
    readonly body: string;
  }[];
}
