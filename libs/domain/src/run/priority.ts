/** How urgent a run is, the least first; stored as the place in this list. */
export const priorities = ["low", "normal", "high", "urgent"] as const;
export type Priority = (typeof priorities)[number];

export const DEFAULT_PRIORITY: Priority = "normal";

const LABEL = /^priority:\s*(low|normal|high|urgent)$/i;

/** The priority that an issue's labels ask for (`priority:high`); the highest counts, and null means none does. */
export function priorityOfLabels(labels: readonly string[]): Priority | null {
  const asked = labels.map((label) =>
    LABEL.exec(label.trim())?.[1]?.toLowerCase(),
  );
  return priorities.findLast((priority) => asked.includes(priority)) ?? null;
}
