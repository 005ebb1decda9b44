import { type ChildProcessByStdio, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";

import type { CommandLine } from "./process-request.js";
import type { SpawnError } from "./process-result.js";

export type Child = ChildProcessByStdio<Writable, Readable, Readable> & {
  readonly pid: number;
};

export interface Exit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type Launched =
  | {
      readonly started: true;
      readonly child: Child;
      readonly exited: Promise<Exit>;
    }
  | { readonly started: false; readonly error: SpawnError };

/** Starts a command in a session and group of its own; a start that fails is a value. */
export async function launch(line: CommandLine): Promise<Launched> {
  const cwd = await stat(line.cwd).catch(() => undefined);
  // Node would report ENOENT for the command when it is the folder that is missing.
  if (!cwd?.isDirectory())
    return notStarted(
      "ENOTDIR",
      `The working folder ${line.cwd} does not exist.`,
    );
  try {
    const child = spawn(line.command, line.args, {
      cwd: line.cwd,
      env: { ...line.env },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      ...line.identity,
    });
    return await settled(child);
  } catch (error) {
    return notStarted(codeOf(error), messageOf(error));
  }
}

async function settled(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
): Promise<Launched> {
  // `exit`, not `close`: a grandchild that holds stdout delayed `close` by 20 s past a 400 ms timeout.
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  // The command may end before it has read its input: EPIPE is then no error of ours.
  child.stdin.on("error", () => undefined);
  if (isRunning(child)) {
    child.on("error", () => undefined);
    return { started: true, child, exited };
  }
  const error = await new Promise<unknown>((resolve) =>
    child.once("error", resolve),
  );
  return notStarted(codeOf(error), messageOf(error));
}

function isRunning(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
): child is Child {
  return child.pid !== undefined;
}

function notStarted(code: string, message: string): Launched {
  return { started: false, error: { code, message } };
}

/** Read by shape: an error from another realm (a test runner's) is no instance of our `Error`. */
function codeOf(error: unknown): string {
  const code =
    typeof error === "object" && error !== null && "code" in error
      ? error.code
      : undefined;
  return typeof code === "string" ? code : "UNKNOWN";
}

function messageOf(error: unknown): string {
  const message =
    typeof error === "object" && error !== null && "message" in error
      ? error.message
      : undefined;
  return typeof message === "string" ? message : String(error);
}
