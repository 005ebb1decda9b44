import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { Activity } from "./activity.js";
import { ByteTail } from "./byte-tail.js";
import { chunksOf, drain, type Pump } from "./drain.js";
import { type EndedBy, type StopCause, StopRequest } from "./end-cause.js";
import { type Child, type Exit, launch } from "./launch.js";
import { LineSplitter } from "./line-splitter.js";
import type { OutputStream, ProcessRequest } from "./process-request.js";
import type {
  ProcessResult,
  SpawnError,
  TreeReport,
} from "./process-result.js";
import { ProcessTree } from "./process-tree.js";
import { asVariable, newTreeMarker } from "./tree-marker.js";
import { watchProcess } from "./watch-process.js";

const GRACE_MS = 5_000;
const DRAIN_IDLE_MS = 300;
const MAX_OUTPUT_BYTES = 1024 ** 3;
const MAX_LINE_BYTES = 1024 ** 2;
const STDERR_TAIL_BYTES = 8 * 1024;

/** How the supervised command is wrapped; for the sandbox only. */
export interface Wrapping {
  /** Generations that only wrap the command. */
  readonly wrappers: number;
  /** A process namespace dies as a whole: nobody in it can stray, and nothing in it must be marked. */
  readonly ownProcessNamespace: boolean;
  /** Folders in memory that the command may write, by their names inside: what lies there counts as its memory. */
  readonly memoryFolders: readonly string[];
}

const UNWRAPPED: Wrapping = {
  wrappers: 0,
  ownProcessNamespace: false,
  memoryFolders: [],
};

/**
 * Runs a command under supervision until it and everything it started is gone. Every ending is a value; only a consumer
 * that throws in `onLines` makes it reject, after the processes are gone.
 */
export async function runProcess(
  request: ProcessRequest,
  wrapping = UNWRAPPED,
): Promise<ProcessResult> {
  const startedAtMs = performance.now();
  if (request.signal?.aborted)
    return describe({ endedBy: "cancelled", startedAtMs });
  const marker = newTreeMarker();
  const env = wrapping.ownProcessNamespace
    ? request.env
    : { ...request.env, ...asVariable(marker) };
  const launched = await launch({ ...request, env });
  if (!launched.started)
    return describe({
      endedBy: "spawn_failed",
      startedAtMs,
      spawnError: launched.error,
    });

  const { child, exited } = launched;
  const tree = new ProcessTree(child.pid, {
    wrappers: wrapping.wrappers,
    marker: wrapping.ownProcessNamespace ? undefined : marker,
  });
  const stop = new StopRequest();
  const output = new Output(child, request, stop);
  const unwatch = watchProcess({
    request,
    tree,
    stop,
    activity: output.activity,
    memoryFolders: wrapping.memoryFolders,
  });
  request.onStart?.(child.pid);
  child.stdin.end(request.stdin ?? "");

  await Promise.race([exited, stop.asked]);
  const graceful =
    stop.cause === undefined ||
    (await endGently(tree, exited, graceOf(stop.cause, request)));
  const report = await tree.sweep();
  // One that not even SIGKILL ends may never exit.
  const exit = report.survivors.includes(child.pid) ? undefined : await exited;
  unwatch();
  await drain(output, DRAIN_IDLE_MS);
  output.rethrow();
  return describe({
    endedBy: stop.cause ?? "exit",
    startedAtMs,
    exit,
    output,
    forced: stop.cause !== undefined && !graceful,
    tree: report,
  });
}

/** A tree that eats the machine gets no time for more. */
function graceOf(cause: StopCause, request: ProcessRequest): number {
  return cause === "memory" || cause === "processes"
    ? 0
    : (request.graceMs ?? GRACE_MS);
}

/** Whether the whole tree ended within the grace. */
async function endGently(
  tree: ProcessTree,
  exited: Promise<Exit>,
  graceMs: number,
): Promise<boolean> {
  if (graceMs === 0) return false;
  const deadline = performance.now() + graceMs;
  await tree.askToEnd();
  const left = () => Math.max(0, deadline - performance.now());
  const cut = new AbortController();
  const ended = await Promise.race([
    exited.then(() => true),
    sleep(left(), false, { signal: cut.signal }).catch(() => false),
  ]);
  cut.abort();
  if (!ended) return false;
  // Its children may still be writing their last words.
  while ((await tree.look()).length > 0) {
    if (left() === 0) return false;
    await sleep(Math.min(20, left()));
  }
  return true;
}

/** Reads both streams, counts, splits into lines and hands these on. */
class Output implements Pump {
  readonly streams: readonly Readable[];
  readonly finished: Promise<unknown>;
  readonly activity: Activity;
  readonly stderrTail = new ByteTail(STDERR_TAIL_BYTES);
  readonly counts: Record<OutputStream, number> = { stdout: 0, stderr: 0 };
  cutLines = 0;
  #waiting = 0;
  #failure: { readonly error: unknown } | undefined;
  readonly #request: ProcessRequest;
  readonly #stop: StopRequest;

  constructor(child: Child, request: ProcessRequest, stop: StopRequest) {
    this.streams = [child.stdout, child.stderr];
    this.activity = request.activity ?? new Activity();
    this.activity.touch();
    this.#request = request;
    this.#stop = stop;
    this.finished = Promise.all([
      this.#read("stdout", child.stdout),
      this.#read("stderr", child.stderr),
    ]);
  }

  bytes(): number {
    return this.counts.stdout + this.counts.stderr;
  }

  busy(): boolean {
    return this.#waiting > 0;
  }

  rethrow(): void {
    if (this.#failure) throw this.#failure.error;
  }

  async #read(name: OutputStream, stream: Readable): Promise<void> {
    const splitter = new LineSplitter(
      this.#request.maxLineBytes ?? MAX_LINE_BYTES,
    );
    const maxBytes = this.#request.maxOutputBytes ?? MAX_OUTPUT_BYTES;
    for await (const chunk of chunksOf(stream)) {
      this.counts[name] += chunk.length;
      if (this.#request.activity === undefined) this.activity.touch();
      if (this.bytes() > maxBytes) this.#stop.ask("output_cap");
      // Once it is over the cap we only keep its pipe from filling up until it is dead.
      if (this.bytes() > maxBytes || this.#failure) continue;
      if (name === "stderr") this.stderrTail.push(chunk);
      if (this.#request.onLines)
        await this.#deliver(name, splitter.push(chunk));
    }
    if (this.#request.onLines && !this.#failure)
      await this.#deliver(name, splitter.flush());
    this.cutLines += splitter.cutLines;
  }

  async #deliver(name: OutputStream, lines: readonly string[]): Promise<void> {
    const { onLines } = this.#request;
    if (lines.length === 0 || onLines === undefined) return;
    this.#waiting += 1;
    try {
      // Awaited only where there is something to wait for.
      const taken = onLines(name, lines);
      if (taken !== undefined) await this.activity.hold(taken);
    } catch (error) {
      this.#failure ??= { error };
      this.#stop.ask("cancelled");
    } finally {
      this.#waiting -= 1;
    }
  }
}

interface Ending {
  readonly endedBy: EndedBy;
  readonly startedAtMs: number;
  readonly exit?: Exit | undefined;
  readonly output?: Output;
  readonly forced?: boolean;
  readonly tree?: TreeReport;
  readonly spawnError?: SpawnError;
}

function describe({
  endedBy,
  startedAtMs,
  exit,
  output,
  forced,
  tree,
  spawnError,
}: Ending): ProcessResult {
  return {
    endedBy,
    ok: endedBy === "exit" && exit?.exitCode === 0,
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    timedOut: endedBy === "timeout",
    silent: endedBy === "silence",
    cancelled: endedBy === "cancelled",
    outputCapped: endedBy === "output_cap",
    outOfMemory: endedBy === "memory",
    tooManyProcesses: endedBy === "processes",
    spawnFailed: endedBy === "spawn_failed",
    forced: forced ?? false,
    durationMs: performance.now() - startedAtMs,
    stdoutBytes: output?.counts.stdout ?? 0,
    stderrBytes: output?.counts.stderr ?? 0,
    cutLines: output?.cutLines ?? 0,
    stderrTail: output?.stderrTail.toString() ?? "",
    ...(spawnError && { spawnError }),
    tree: tree ?? { seen: 0, ended: 0, survivors: [] },
  };
}
