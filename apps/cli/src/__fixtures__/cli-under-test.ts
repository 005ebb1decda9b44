import { exitCodes, type ExitCode } from "../exit-code.js";
import { runProgram } from "../program.js";
import type { ApiUnderTest } from "../../../api/src/__fixtures__/running-api.js";

export * from "../../../api/src/__fixtures__/running-api.js";
export * from "../../../api/src/__fixtures__/played-run.js";
export { call } from "../../../api/src/__fixtures__/call.js";

export interface Ran {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly interactive?: boolean;
  readonly signal?: AbortSignal;
  /** Told of everything that is written, as it is written. */
  readonly onOut?: (out: string) => void;
  readonly patienceMs?: number | undefined;
}

/** Runs a command line against the API, as the built program would. */
export async function pullwright(api: Pick<ApiUnderTest, "url" | "key">, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const exitCode = await runProgram(argv, {
    terminal: {
      isInteractive: options.interactive ?? false,
      isColoured: options.interactive ?? false,
      columns: () => 100,
      out: (text) => {
        out += text;
        options.onOut?.(out);
      },
      err: (text) => {
        err += text;
      },
    },
    environment: { PULLWRIGHT_URL: api.url, PULLWRIGHT_API_KEY: api.key, WORK_DIR: "/nonexistent", ...options.environment },
    signal: options.signal ?? new AbortController().signal,
    patienceMs: options.patienceMs,
  });
  return { exitCode, out, err };
}

export { exitCodes };
