const NOBODY = 65534;

/**
 * Has work on files done by an ordinary user, also where root runs the specs, whom no permission stops. Not for agents and
 * commands: what is started meanwhile could become root again.
 */
export async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
