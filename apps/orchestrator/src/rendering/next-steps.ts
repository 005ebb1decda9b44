import type { RunState } from "@pullwright/domain";

/** What a person can do now, as commands to copy; null where nothing is to be done. */
export function nextSteps(run: RunState): string | null {
  switch (run.status) {
    case "pending":
    case "running":
      return "Comment `/cancel` to stop it.";
    case "waiting":
      if (run.waiting?.budgetId !== undefined)
        return "Have the budget raised, or comment `/cancel`.";
      return run.waiting?.reason === "budget"
        ? "Comment `/continue +5` to add five US dollars, or `/cancel`."
        : "Comment `/continue` to go on now, or `/cancel`.";
    case "failed":
    case "cancelled":
      return `Comment ${retryCommand(run)} to try again from there, or \`/retry\` for the whole run.`;
    case "completed":
      return null;
  }
}

/** The phase that failed can be named only when it stands in the workflow by that name. */
function retryCommand(run: RunState): string {
  const ended = run.phases.findLast(
    ({ status }) => status === "failed" || status === "cancelled",
  );
  // A failed test is mended by building anew, not by testing the same again.
  const name =
    run.failure?.failureClass === "tests_failed" &&
    run.workflow.phases.some((phase) => phase.name === "build")
      ? "build"
      : ended?.definition.name;
  return name === undefined || !/^[\w.-]{1,60}$/.test(name)
    ? "`/retry`"
    : `\`/retry ${name}\``;
}
