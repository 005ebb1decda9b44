/** Whether a run is live; the partial indexes of live runs say the same. */
export const isOpen = (run: string): string =>
  `${run}.status IN ('pending', 'running', 'waiting')`;

/**
 * The run that people mean first: the live one, at most one of an issue, then the one that was live last. By the time of
 * their creation alone, a retried run would stand behind those that came after it.
 */
export const latestFirst = (run: string): string =>
  `(${isOpen(run)}) DESC, ${run}.completed_at DESC NULLS LAST, ${run}.created_at DESC`;
