import type { FailureClass } from "./failure-class.js";

/** What each class says of an attempt, one sentence for people; `docs/failure-classes.md` shows them. */
export const failureMeaning: Readonly<Record<FailureClass, string>> = {
  transient: "A network or a server failed in a way that usually passes.",
  quota: "A provider refused more work until its quota or rate limit is back.",
  auth: "A credential is missing, expired or not allowed to do this.",
  timeout: "The attempt, or the whole run, took longer than its limit.",
  stalled: "The agent said nothing for longer than its limit of silence.",
  budget:
    "The run's money, its phase's, or a budget that it shares has no room left.",
  tests_failed: "Pullwright ran the repository's commands and they failed.",
  conflict:
    "A person's commits stand where the run's would go, or neither a rebase nor the agent could settle the change with the base branch; a person must.",
  policy: "The change touches what the policy forbids, or is too large.",
  invalid_input:
    "The work item or its branch gives nothing to work on, or more than its model can read.",
  agent_error: "The agent gave up, crashed or ended without a usable result.",
  infrastructure:
    "The runner was lost, or lacked something that another one may have.",
  cancelled: "A person asked for the run to stop.",
};
