import { fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stage } from "./stage.js";

/** A process of the bench that answers commands, one at a time. */
export interface Child {
  /** What it said when it was ready. */
  readonly ready: unknown;
  ask(command: object): Promise<unknown>;
  /** A command without an answer. */
  tell(command: object): void;
  end(): Promise<void>;
}

/** Starts a module of `processes/` with nothing in its environment but PATH and what is given. */
export function startChild(
  stage: Stage,
  name: string,
  environment: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
): Promise<Child> {
  // The same module runs built and, while it is worked on, from its source.
  const file = `../processes/${name}${extname(import.meta.url)}`;
  const program = new URL(file, import.meta.url);
  return startProgram(stage, program, environment, nodeFlags);
}

/** Starts a program that speaks as {@link serveParent} does. */
export async function startProgram(
  stage: Stage,
  file: URL,
  environment: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
): Promise<Child> {
  const child = fork(fileURLToPath(file), {
    execArgv: [...process.execArgv, ...nodeFlags],
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    serialization: "advanced",
  });
  stage.adopt(child);
  const next = async (): Promise<unknown> => {
    const gone = new AbortController();
    const answer = once(child, "message", { signal: gone.signal });
    const ended = once(child, "exit", { signal: gone.signal }).then(
      ([code]) => {
        throw new Error(`${file.pathname} ended with ${String(code)}`);
      },
    );
    try {
      const [message] = (await Promise.race([answer, ended])) as unknown[]; // An event's arguments.
      return message;
    } finally {
      gone.abort();
      await Promise.allSettled([answer, ended]);
    }
  };
  const ready = await next();
  return {
    ready,
    ask: (command) => {
      const answer = next();
      child.send(command);
      return answer;
    },
    tell: (command) => void child.send(command),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/**
 * The child's side: says that it is ready, answers commands, and ends with whoever started it. What was told and not asked
 * gets `null` for an answer, and that is not sent.
 */
export function serveParent(
  ready: unknown,
  answer: (command: never) => Promise<unknown> = () =>
    Promise.resolve(undefined),
): void {
  process.on("message", (command) => {
    answer(command as never).then(
      (result) => {
        if (result !== null) process.send?.(result ?? {});
      },
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.once("disconnect", () => process.exit(0));
  process.send?.(ready);
}
