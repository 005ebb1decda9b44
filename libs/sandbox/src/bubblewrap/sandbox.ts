import type {
  Identity,
  ProcessRequest,
  TreeLimits,
} from "../process/process-request.js";
import type { ProcessResult } from "../process/process-result.js";

/** Limits of one sandboxed command. */
export interface SandboxLimits extends TreeLimits {
  /** The largest file that it may write. */
  readonly fileBytes?: number | undefined;
  readonly openFiles?: number | undefined;
}

/** What a sandboxed command may see beyond the operating system's own programs. */
export interface SandboxFolders {
  /** The checkout: writable, and the working folder. */
  readonly worktree: string;
  /** Further writable folders, such as the one for the agent's result file. */
  readonly writable?: readonly string[] | undefined;
  /** Files and folders that it may read. */
  readonly readOnly?: readonly string[] | undefined;
  /**
   * Programs and scripts that are run by path, each given with what it needs to run; what is no file is passed over. Only
   * what the installation itself named may stand here. That a command line names a file is no reason to give it: those of
   * a repository may name any file of this machine, and it would leave by the network.
   */
  readonly programs?: readonly string[] | undefined;
  /** A folder to keep as HOME. Without it HOME is empty and vanishes with the command. */
  readonly home?: string | undefined;
  /** A folder to keep as TMPDIR. Without it TMPDIR lies in memory. */
  readonly temp?: string | undefined;
}

export interface SandboxRequest extends Omit<
  ProcessRequest,
  "cwd" | "identity" | "limits"
> {
  readonly folders: SandboxFolders;
  readonly limits?: SandboxLimits | undefined;
  /** `none` leaves only a loopback of its own. Shared is the default until the egress proxy is there. */
  readonly network?: "shared" | "none" | undefined;
}

/** How a limit is kept: by the kernel, by sampling the process table, or not at all. */
export type LimitKeeper = "kernel" | "sampled" | "none";

export interface SandboxCapabilities {
  readonly userNamespace: boolean;
  /** Everything that a command starts dies with it, however it hides. */
  readonly ownProcessNamespace: boolean;
  readonly limits: Readonly<Record<keyof SandboxLimits, LimitKeeper>>;
}

/** Where untrusted commands run. */
export interface Sandbox {
  readonly kind: "bubblewrap" | "none";
  readonly capabilities: SandboxCapabilities;
  /** Who owns what the command writes, when that is somebody else than we: the worktree must be theirs. */
  readonly owner: Identity | undefined;
  /** What people should know about this sandbox, in sentences; for `doctor` and the dashboard. */
  readonly warnings: readonly string[];
  run(request: SandboxRequest): Promise<ProcessResult>;
}
