import type { WaitReason } from "../run/waiting.js";
import type { FailureClass } from "./failure-class.js";

export interface WaitMeaning {
  /** One sentence: what the run waits for. */
  readonly meaning: string;
  /** The class of a run that waited until its deadline. */
  readonly failsAs: FailureClass;
}

/** What each reason to wait means, and how a wait that nothing ended fails. */
export const waitTable: Readonly<Record<WaitReason, WaitMeaning>> = {
  approval: {
    meaning: "A person must approve or reject before the run goes on.",
    failsAs: "policy",
  },
  quota: {
    meaning: "A provider's quota or rate limit must come back.",
    failsAs: "quota",
  },
  budget: {
    meaning: "A budget has no room left; a person may add money or raise it.",
    failsAs: "budget",
  },
  dependency: {
    meaning:
      "The issues that block its own must be closed, or something outside must work again, such as GitHub for publishing.",
    failsAs: "timeout",
  },
  capacity: {
    meaning:
      "Its queued phase must have its turn, on a runner that may do it with its agent.",
    failsAs: "infrastructure",
  },
  ci: {
    meaning: "The repository's own checks must finish.",
    failsAs: "timeout",
  },
  review: {
    meaning: "The pull request must be reviewed.",
    failsAs: "timeout",
  },
  hosted_agent: {
    meaning: "An agent hosted elsewhere must report.",
    failsAs: "timeout",
  },
  person: {
    meaning: "A person must look at it and mend the cause.",
    failsAs: "timeout",
  },
};
