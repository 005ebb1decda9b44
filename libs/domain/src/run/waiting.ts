/** What a waiting run waits for. */
export const waitReasons = [
  "approval",
  "quota",
  "budget",
  "dependency",
  "capacity",
  "ci",
  "review",
  "hosted_agent",
  "person",
] as const;
export type WaitReason = (typeof waitReasons)[number];

export interface Waiting {
  readonly reason: WaitReason;
  /** One sentence for people: what is needed, and from whom. */
  readonly message: string;
  /** The budget that has no room, when somebody else's work or decision can give it some. */
  readonly budgetId?: string;
  /** The open issues, as `owner/name#number`, when it is they that the run waits for. */
  readonly blockedBy?: readonly string[];
  readonly since: Date;
  /** When the run goes on by itself; null when only a person or an event can end the wait. */
  readonly resumeAt: Date | null;
  /** When the wait ends in `failed`. No wait is without one. */
  readonly deadline: Date;
}
