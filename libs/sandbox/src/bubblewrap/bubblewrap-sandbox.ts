import { realpath } from "node:fs/promises";

import type { Identity } from "../process/process-request.js";
import type { ProcessResult } from "../process/process-result.js";
import { runProcess } from "../process/run-process.js";
import { newTreeMarker } from "../process/tree-marker.js";
import {
  bubblewrapArguments,
  HOME_INSIDE,
  type Mount,
  SHARED_MEMORY_INSIDE,
  TEMP_INSIDE,
  type Toolbox,
} from "./bubblewrap-arguments.js";
import { findExecutable } from "./find-executable.js";
import {
  type NodeInstallation,
  nodeInstallation,
} from "./node-installation.js";
import {
  liesIn,
  pathWithNode,
  programFiles,
  programFolder,
  withoutOwn,
} from "./program-folders.js";
import type {
  Sandbox,
  SandboxCapabilities,
  SandboxFolders,
  SandboxRequest,
} from "./sandbox.js";
import { SYSTEM_FOLDERS } from "./system-mounts.js";

/** bubblewrap and its process 1 stand above the command. */
const WRAPPERS = 2;
const MEMORY_FOLDER_BYTES = 2 * 1024 ** 3;

/** The linker's variables would let a command's own library into setpriv while that is still root. */
const LINKER_VARIABLE = /^(LD_|GLIBC_TUNABLES$|GCONV_PATH$)/;

export interface BubblewrapOptions {
  readonly toolbox: Toolbox;
  readonly userNamespace: boolean;
  readonly hidden: readonly string[];
  /** Folders that no folder given read-only may hold. */
  readonly own: readonly string[];
  readonly warnings: readonly string[];
  /** The Node that commands get; without it the one that runs us. */
  readonly node?: string | undefined;
  /** Starts bubblewrap itself as this user; for tests of the ordinary user's way by root. */
  readonly startAs?: Identity | undefined;
}

/** The sandbox made of Linux namespaces. */
export class BubblewrapSandbox implements Sandbox {
  readonly kind = "bubblewrap";
  readonly capabilities: SandboxCapabilities;
  readonly owner: Identity | undefined;
  readonly warnings: readonly string[];
  readonly #options: BubblewrapOptions;

  constructor(options: BubblewrapOptions) {
    const kernel = options.toolbox.prlimit === undefined ? "none" : "kernel";
    this.#options = options;
    this.owner = options.toolbox.descent?.identity ?? options.startAs;
    this.warnings = options.warnings;
    this.capabilities = {
      userNamespace: options.userNamespace,
      ownProcessNamespace: true,
      limits: {
        memoryBytes: "sampled",
        processes: kernel === "kernel" ? "kernel" : "sampled",
        fileBytes: kernel,
        openFiles: kernel,
      },
    };
  }

  async run(request: SandboxRequest): Promise<ProcessResult> {
    const { folders } = request;
    const searchPath = await pathWithNode(
      request.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
      this.#options.node,
    );
    const worktree = await realpath(folders.worktree);
    // A command that does not exist is left to fail inside, as every other failed start.
    const command =
      (await findExecutable(request.command, searchPath, worktree)) ??
      request.command;
    const node = await nodeInstallation(this.#options.node);
    const args = bubblewrapArguments(this.#options.toolbox, {
      command,
      args: request.args,
      cwd: worktree,
      mounts: await this.#mounts(request, command, worktree, node),
      links: node.links.filter(
        ({ inside }) => !liesIn(inside, [...SYSTEM_FOLDERS, worktree]),
      ),
      hidden: this.#options.hidden,
      memoryFolderBytes: Math.min(
        request.limits?.memoryBytes ?? Infinity,
        MEMORY_FOLDER_BYTES,
      ),
      network: request.network ?? "shared",
      limits: request.limits ?? {},
      marker: newTreeMarker(),
    });
    return runProcess(
      {
        ...request,
        command: this.#options.toolbox.bwrap,
        args,
        cwd: "/",
        env: insideEnvironment(request.env, searchPath),
        identity: this.#options.startAs,
      },
      {
        wrappers: WRAPPERS,
        ownProcessNamespace: true,
        memoryFolders: memoryFolders(folders),
      },
    );
  }

  async #mounts(
    request: SandboxRequest,
    command: string,
    worktree: string,
    node: NodeInstallation,
  ): Promise<Mount[]> {
    const { folders } = request;
    const isOnSearchPath =
      !request.command.includes("/") && command.startsWith("/");
    const programs = [
      ...node.files,
      ...(isOnSearchPath ? [programFolder(command)] : []),
      ...(await programFiles(folders.programs ?? [])),
    ];
    const writable = [worktree, ...(folders.writable ?? [])];
    const asked = folders.readOnly ?? [];
    const readable = await withoutOwn(
      [
        ...programs.filter((path) => !liesIn(path, SYSTEM_FOLDERS)),
        ...asked,
      ].filter((path) => !liesIn(path, writable)),
      this.#options.own,
    );
    return [
      ...(folders.home === undefined
        ? []
        : [{ source: folders.home, inside: HOME_INSIDE, writable: true }]),
      ...(folders.temp === undefined
        ? []
        : [{ source: folders.temp, inside: TEMP_INSIDE, writable: true }]),
      ...[...new Set(readable)].map((path) => ({
        source: path,
        inside: path,
        writable: false,
      })),
      // After these, so that no read-only parent covers what may be written, and before its read-only parts.
      ...writable.map((path) => ({
        source: path,
        inside: path,
        writable: true,
      })),
      ...asked
        .filter((path) => liesIn(path, writable))
        .map((path) => ({ source: path, inside: path, writable: false })),
    ];
  }
}

/** Those that nothing on disk lies over. */
function memoryFolders({ home, temp }: SandboxFolders): string[] {
  return [
    SHARED_MEMORY_INSIDE,
    ...(temp === undefined ? [TEMP_INSIDE] : []),
    ...(home === undefined ? [HOME_INSIDE] : []),
  ];
}

function insideEnvironment(
  env: Readonly<Record<string, string>>,
  searchPath: string,
): Record<string, string> {
  const kept = Object.entries(env).filter(
    ([name]) => !LINKER_VARIABLE.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: searchPath,
    HOME: HOME_INSIDE,
    TMPDIR: TEMP_INSIDE,
  };
}
