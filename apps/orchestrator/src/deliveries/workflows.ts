import {
  defaultWorkflow,
  findShippedWorkflow,
  shippedWorkflows,
  type WorkflowDefinition,
} from "@pullwright/domain";

/** The workflow that somebody asked for by its name, with or without its `adw_`; null means the default one. */
export function findWorkflow(
  name: string | null,
): WorkflowDefinition | undefined {
  const wanted = (name ?? defaultWorkflow).toLowerCase().replaceAll("-", "_");
  return findShippedWorkflow(wanted) ?? findShippedWorkflow(`adw_${wanted}`);
}

/** All that can be asked for, as a Markdown list. */
export function workflowList(): string {
  return shippedWorkflows
    .map(({ name, description }) => `- \`${name}\`: ${description}`)
    .join("\n");
}
