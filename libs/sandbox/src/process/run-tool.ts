import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { ByteTail } from "./byte-tail.js";
import { chunksOf, drain } from "./drain.js";
import { type EndedBy, StopRequest } from "./end-cause.js";
import { type Exit, launch } from "./launch.js";
import type { CommandLine } from "./process-request.js";
import type { SpawnError } from "./process-result.js";
import { signalGroup } from "./process-tree.js";

const TIMEOUT_MS = 60_000;
const GRACE_MS = 2_000;
const DRAIN_IDLE_MS = 300;
const MAX_OUTPUT_BYTES = 64 * 1024 ** 2;
const STDERR_BYTES = 64 * 1024;

export interface ToolRequest extends CommandLine {
  readonly stdin?: string | Buffer | undefined;
  /** 60 s by default. */
  readonly timeoutMs?: number | undefined;
  /** 64 MiB of stdout by default; more ends the tool. */
  readonly maxOutputBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a short trusted tool (git) answered. */
export interface ToolResult {
  readonly endedBy: EndedBy;
  readonly ok: boolean;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Bytes: paths and contents need not be UTF-8. Cut off at `maxOutputBytes`. */
  readonly stdout: Buffer;
  /** The end of stderr as text, for people. */
  readonly stderr: string;
  readonly durationMs: number;
  readonly spawnError?: SpawnError;
}

/**
 * Runs a short trusted tool and keeps its output. Unlike `runProcess` it trusts the tool not to leave its process group
 * and so does not watch the process table.
 */
export async function runTool(request: ToolRequest): Promise<ToolResult> {
  const startedAtMs = performance.now();
  const launched = await launch(request);
  if (!launched.started) {
    return describe(
      "spawn_failed",
      undefined,
      [],
      "",
      startedAtMs,
      launched.error,
    );
  }
  const { child, exited } = launched;
  const stop = new StopRequest();
  const stdout: Buffer[] = [];
  const stderr = new ByteTail(STDERR_BYTES);
  let bytes = 0;
  const collect = async (stream: Readable, keep: (chunk: Buffer) => void) => {
    for await (const chunk of chunksOf(stream)) keep(chunk);
  };
  const finished = Promise.all([
    collect(child.stdout, (chunk) => {
      bytes += chunk.length;
      if (bytes <= (request.maxOutputBytes ?? MAX_OUTPUT_BYTES))
        stdout.push(chunk);
      else stop.ask("output_cap");
    }),
    collect(child.stderr, (chunk) => {
      stderr.push(chunk);
    }),
  ]);
  const timer = setTimeout(
    () => stop.ask("timeout"),
    request.timeoutMs ?? TIMEOUT_MS,
  );
  const cancel = () => stop.ask("cancelled");
  request.signal?.addEventListener("abort", cancel, { once: true });
  if (request.signal?.aborted) cancel();
  child.stdin.end(request.stdin ?? "");

  await Promise.race([exited, stop.asked]);
  if (stop.cause !== undefined) await endGroup(child.pid, exited);
  const exit = await exited;
  clearTimeout(timer);
  request.signal?.removeEventListener("abort", cancel);
  await drain(
    {
      streams: [child.stdout, child.stderr],
      finished,
      bytes: () => bytes,
      busy: () => false,
    },
    DRAIN_IDLE_MS,
  );
  return describe(
    stop.cause ?? "exit",
    exit,
    stdout,
    stderr.toString(),
    startedAtMs,
  );
}

async function endGroup(leader: number, exited: Promise<Exit>): Promise<void> {
  signalGroup(leader, "SIGTERM");
  const cut = new AbortController();
  await Promise.race([
    exited,
    sleep(GRACE_MS, undefined, { signal: cut.signal }).catch(() => undefined),
  ]);
  cut.abort();
  signalGroup(leader, "SIGKILL");
}

function describe(
  endedBy: EndedBy,
  exit: Exit | undefined,
  stdout: readonly Buffer[],
  stderr: string,
  startedAtMs: number,
  spawnError?: SpawnError,
): ToolResult {
  return {
    endedBy,
    ok: endedBy === "exit" && exit?.exitCode === 0,
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    stdout: Buffer.concat(stdout),
    stderr,
    durationMs: performance.now() - startedAtMs,
    ...(spawnError && { spawnError }),
  };
}
