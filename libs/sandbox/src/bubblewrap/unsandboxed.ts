import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eraseFolder } from "../folders/erase-folder.js";
import type { ProcessResult } from "../process/process-result.js";
import { runProcess } from "../process/run-process.js";
import { kernelLimits } from "./bubblewrap-arguments.js";
import { findExecutable } from "./find-executable.js";
import type {
  Sandbox,
  SandboxCapabilities,
  SandboxRequest,
} from "./sandbox.js";

const WARNING =
  "Agents run without a sandbox, as the same user as Pullwright: they can read its files and the environment of its processes.";

/** No sandbox at all, for those who allowed it: supervision, limits and a HOME of its own, but no walls. */
export class Unsandboxed implements Sandbox {
  readonly kind = "none";
  readonly owner = undefined;
  readonly warnings = [WARNING];
  readonly capabilities: SandboxCapabilities;
  readonly #prlimit: string | undefined;

  constructor(prlimit: string | undefined) {
    const kernel = prlimit === undefined ? "none" : "kernel";
    this.#prlimit = prlimit;
    this.capabilities = {
      userNamespace: false,
      ownProcessNamespace: false,
      // The kernel would count every process of our user, not only the command's.
      limits: {
        memoryBytes: "sampled",
        processes: "sampled",
        fileBytes: kernel,
        openFiles: kernel,
      },
    };
  }

  async run(request: SandboxRequest): Promise<ProcessResult> {
    const { folders, limits = {} } = request;
    const scratch = await mkdtemp(join(tmpdir(), "pullwright-agent-"));
    try {
      const HOME = folders.home ?? join(scratch, "home");
      const TMPDIR = folders.temp ?? join(scratch, "tmp");
      await Promise.all(
        [HOME, TMPDIR].map((folder) => mkdir(folder, { recursive: true })),
      );
      const env = { ...request.env, HOME, TMPDIR };
      // Through prlimit a missing command would look like a command that failed.
      const found = await findExecutable(
        request.command,
        request.env["PATH"] ?? "",
        folders.worktree,
      );
      const wrapped =
        this.#prlimit === undefined || found === undefined
          ? [request.command]
          : [
              ...kernelLimits(this.#prlimit, {
                ...limits,
                processes: undefined,
              }),
              request.command,
            ];
      const [command = request.command, ...args] = [
        ...wrapped,
        ...request.args,
      ];
      return await runProcess({
        ...request,
        command,
        args,
        cwd: folders.worktree,
        env,
      });
    } finally {
      await eraseFolder(scratch);
    }
  }
}
