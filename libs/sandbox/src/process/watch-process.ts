import type { Activity } from "./activity.js";
import type { StopRequest } from "./end-cause.js";
import type { ProcessRequest, TreeLimits } from "./process-request.js";
import type { ProcessEntry } from "./process-table.js";
import { MemoryFiles } from "./memory-files.js";
import { bytesInFolders } from "./memory-folders.js";
import type { ProcessTree } from "./process-tree.js";
import { exceedsMemory } from "./tree-memory.js";

const FIRST_LOOK_MS = 10;
const SLOWEST_LOOK_MS = 250;

export interface Watched {
  readonly request: ProcessRequest;
  readonly tree: ProcessTree;
  readonly stop: StopRequest;
  readonly activity: Activity;
  /** Folders in memory, by their names inside. */
  readonly memoryFolders: readonly string[];
}

/** Asks for the end of a process when a limit is reached or the caller cancels. Returns the way to stop watching. */
export function watchProcess(watched: Watched): () => void {
  const unwatch = [
    watchClock(watched),
    watchSilence(watched),
    watchSignal(watched),
    watchTree(watched),
  ];
  return () => unwatch.forEach((end) => end());
}

type Unwatch = () => void;

function watchClock({ request, stop }: Watched): Unwatch {
  if (request.timeoutMs === undefined) return () => undefined;
  const timer = setTimeout(() => stop.ask("timeout"), request.timeoutMs);
  return () => clearTimeout(timer);
}

function watchSilence({ request, stop, activity }: Watched): Unwatch {
  const { silenceMs } = request;
  if (silenceMs === undefined) return () => undefined;
  let timer: NodeJS.Timeout;
  const check = () => {
    const leftMs = silenceMs - activity.idleMs;
    if (leftMs <= 0) stop.ask("silence");
    // Quiet work that was announced may be over sooner.
    else timer = setTimeout(check, Math.ceil(Math.min(leftMs, silenceMs)));
  };
  timer = setTimeout(check, silenceMs);
  return () => clearTimeout(timer);
}

function watchSignal({ request, stop }: Watched): Unwatch {
  const { signal } = request;
  if (!signal) return () => undefined;
  const cancel = () => stop.ask("cancelled");
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  return () => signal.removeEventListener("abort", cancel);
}

/** Looks often at first, because whoever wants to hide does it at once, then four times a second. */
function watchTree(watched: Watched): Unwatch {
  const { tree, stop } = watched;
  const files = new MemoryFiles();
  let ended = false;
  let timer: NodeJS.Timeout;
  const look = async (delayMs: number) => {
    const living = await tree.look();
    const breach = await breachOf(watched, living, files);
    if (breach) stop.ask(breach);
    if (!ended) next(Math.min(2 * delayMs, SLOWEST_LOOK_MS));
  };
  const next = (delayMs: number) => {
    timer = setTimeout(() => void look(delayMs), delayMs);
  };
  next(FIRST_LOOK_MS);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

async function breachOf(
  { request, tree, memoryFolders }: Watched,
  living: readonly ProcessEntry[],
  files: MemoryFiles,
): Promise<"memory" | "processes" | undefined> {
  const limits: TreeLimits = request.limits ?? {};
  if (limits.memoryBytes !== undefined) {
    const inside = tree.innermostWrapper(living);
    const inFolders =
      inside === undefined ? 0 : bytesInFolders(inside.pid, memoryFolders);
    if (await exceedsMemory(living, limits.memoryBytes, inFolders, files))
      return "memory";
  }
  const tasks = living.reduce((sum, entry) => sum + entry.threads, 0);
  // Reached is enough: where the kernel keeps the limit too, a fork bomb never gets beyond it.
  if (limits.processes !== undefined && tasks >= limits.processes)
    return "processes";
  return undefined;
}
