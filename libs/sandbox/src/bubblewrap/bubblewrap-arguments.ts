import { dirname } from "node:path";

import type { Identity } from "../process/process-request.js";
import { asName } from "../process/tree-marker.js";
import type { SandboxLimits } from "./sandbox.js";
import type { Link } from "./node-installation.js";
import { liesIn } from "./program-folders.js";
import { SYSTEM_FOLDERS, systemMounts } from "./system-mounts.js";

/** HOME inside. Not below the temporary folder: codex refuses to set itself up there and then every command fails. */
export const HOME_INSIDE = "/home/agent";
export const TEMP_INSIDE = "/tmp";
export const SHARED_MEMORY_INSIDE = "/dev/shm";
const NAMESPACE_LIMITS = "/proc/sys/user";

/** What this machine offers, found out once at boot. */
export interface Toolbox {
  readonly bwrap: string;
  /** util-linux `prlimit`; without it the kernel's limits cannot be set. */
  readonly prlimit: string | undefined;
  /** Set when we are root: the way down to an unprivileged user. */
  readonly descent: Descent | undefined;
  /**
   * Commands can make no user namespace, in which they could mount memory that nobody counts. bubblewrap 0.8 can forbid it,
   * and so can root's way where `/proc/sys` is writable.
   */
  readonly forbidsNesting: boolean;
}

/**
 * How root becomes nobody. bubblewrap cannot do it: `--uid 65534` only renames root inside the namespace, and outside
 * the files and `/proc/sys` would still be root's. So bubblewrap mounts as root (it can then reach every path) and
 * `setpriv` gives up user, groups and capabilities for good before the command starts.
 */
export interface Descent {
  readonly identity: Identity;
  readonly setpriv: string;
  /** util-linux `unshare`, for a user namespace of its own; undefined where the kernel refuses one. */
  readonly unshare: string | undefined;
}

export interface Mount {
  readonly source: string;
  readonly inside: string;
  readonly writable: boolean;
}

export interface Confinement {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly mounts: readonly Mount[];
  /** Made before the mounts, and so hidden where one of these lies over them. */
  readonly links: readonly Link[];
  /** Folders inside the system's own that must not be seen. */
  readonly hidden: readonly string[];
  /** What each folder in memory may hold. All of them count towards the limit of memory as well, by sampling. */
  readonly memoryFolderBytes: number;
  readonly network: "shared" | "none";
  readonly limits: SandboxLimits;
  /** Of the tree. */
  readonly marker: string;
}

/** What setpriv needs to give up the rest, and bubblewrap to enter a worktree that is its owner's alone (0700). */
const DESCENT_CAPABILITIES = [
  "CAP_SETUID",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_DAC_READ_SEARCH",
];

/** The arguments for bubblewrap: the whole profile in one place. */
export function bubblewrapArguments(
  toolbox: Toolbox,
  confinement: Confinement,
): string[] {
  return [
    ...namespaces(toolbox, confinement.network),
    ...systemMounts(),
    ...["--proc", "/proc", "--dev", "/dev"],
    // bubblewrap covers it for root. Only who is root of a user namespace can write there, and of that one alone.
    ...(toolbox.descent && toolbox.forbidsNesting
      ? ["--bind", NAMESPACE_LIMITS, NAMESPACE_LIMITS]
      : []),
    ...[SHARED_MEMORY_INSIDE, TEMP_INSIDE, HOME_INSIDE].flatMap((folder) =>
      memoryFolder(folder, confinement.memoryFolderBytes),
    ),
    ...confinement.hidden.flatMap((folder) => ["--tmpfs", folder]),
    ...confinement.links.flatMap(symlink),
    ...confinement.mounts.flatMap(bind),
    // Does nothing but mark bubblewrap, which outlives us when we are killed before it has asked to die with us.
    ...["--unsetenv", asName(confinement.marker)],
    // What lies between the mounts is ours to shape, not the command's; and all of it lies in memory that nobody counts.
    ...[...confinement.hidden, "/dev", "/"].flatMap((folder) => [
      "--remount-ro",
      folder,
    ]),
    ...["--chdir", confinement.cwd, "--"],
    ...(toolbox.descent
      ? descend(toolbox.descent, toolbox.forbidsNesting)
      : []),
    ...(toolbox.prlimit === undefined
      ? []
      : kernelLimits(toolbox.prlimit, confinement.limits)),
    confinement.command,
    ...confinement.args,
  ];
}

function namespaces(
  { descent, forbidsNesting }: Toolbox,
  network: "shared" | "none",
): string[] {
  return [
    ...["--die-with-parent", "--new-session"],
    ...[
      "--unshare-pid",
      "--unshare-ipc",
      "--unshare-uts",
      "--unshare-cgroup-try",
    ],
    ...(descent ? [] : ["--unshare-user"]),
    ...(forbidsNesting && !descent ? ["--disable-userns"] : []),
    ...(network === "none" ? ["--unshare-net"] : []),
    ...["--hostname", "sandbox", "--cap-drop", "ALL"],
    ...(descent
      ? DESCENT_CAPABILITIES.flatMap((capability) => ["--cap-add", capability])
      : []),
  ];
}

function memoryFolder(path: string, bytes: number): string[] {
  return ["--perms", "1777", "--size", String(bytes), "--tmpfs", path];
}

function bind({ source, inside, writable }: Mount): string[] {
  const how = writable ? "--bind" : "--ro-bind";
  return [...reachable(inside), how, source, inside];
}

function symlink({ target, inside }: Link): string[] {
  return [...reachable(inside), "--symlink", target, inside];
}

/** Parents first: bubblewrap makes missing ones 0700, which nobody could pass. What the system has must stay as it is. */
function reachable(inside: string): string[] {
  const parent = dirname(inside);
  return parent === "/" || liesIn(inside, SYSTEM_FOLDERS)
    ? []
    : ["--perms", "0755", "--dir", parent];
}

function descend(
  { identity, setpriv, unshare }: Descent,
  forbidsNesting: boolean,
): string[] {
  return [
    ...[
      setpriv,
      "--reuid",
      String(identity.uid),
      "--regid",
      String(identity.gid),
      "--clear-groups",
    ],
    ...["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"],
    ...(unshare === undefined
      ? []
      : [
          ...(forbidsNesting ? forbidNesting(unshare) : []),
          ...[unshare, "--user", "--map-current-user", "--"],
        ]),
  ];
}

/** As bubblewrap's `--disable-userns`: a namespace that allows one within it, which is the command's own. */
function forbidNesting(unshare: string): string[] {
  const allowOne = `echo 1 > ${NAMESPACE_LIMITS}/max_user_namespaces && exec "$@"`;
  return [
    ...[unshare, "--user", "--map-current-user", "--keep-caps", "--"],
    ...["/bin/sh", "-c", allowOne, "sh"],
  ];
}

/** The kernel's own limits. Memory is not among them: an address-space limit breaks V8 and Bun, so it is sampled. */
export function kernelLimits(prlimit: string, limits: SandboxLimits): string[] {
  const flags = [
    ...(limits.processes === undefined ? [] : [`--nproc=${limits.processes}`]),
    ...(limits.fileBytes === undefined ? [] : [`--fsize=${limits.fileBytes}`]),
    ...(limits.openFiles === undefined ? [] : [`--nofile=${limits.openFiles}`]),
    "--core=0",
  ];
  return [prlimit, ...flags, "--"];
}
