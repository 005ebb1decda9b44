import { lstatSync, readlinkSync } from "node:fs";

/** Folders of the operating system's own programs. */
export const SYSTEM_FOLDERS = ["/usr", "/nix/store", "/gnu/store"];

/** On most systems these are links into /usr; on others they are folders. */
const USR_LINKS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/**
 * What programs read from /etc: names, certificates, the linker's cache. The rest of it stays out of sight, since it may
 * hold credentials that our own user can read.
 */
const SYSTEM_FILES = [
  "alternatives",
  "ca-certificates",
  "ca-certificates.conf",
  "crypto-policies",
  "gai.conf",
  "group",
  "host.conf",
  "hosts",
  "java",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "locale.alias",
  "localtime",
  "magic",
  "mime.types",
  "nsswitch.conf",
  "os-release",
  "passwd",
  "pki",
  "protocols",
  "resolv.conf",
  "services",
  "ssl",
  "timezone",
].map((name) => `/etc/${name}`);

/** The read-only view of the operating system, as arguments of bubblewrap. */
export function systemMounts(): string[] {
  return [
    ...SYSTEM_FOLDERS.flatMap((folder) => ["--ro-bind-try", folder, folder]),
    ...USR_LINKS.flatMap(linkOrFolder),
    // By name, because bubblewrap makes missing parents 0700.
    ...["--perms", "0755", "--dir", "/etc"],
    ...SYSTEM_FILES.flatMap((file) => ["--ro-bind-try", file, file]),
  ];
}

function linkOrFolder(path: string): string[] {
  try {
    return lstatSync(path).isSymbolicLink()
      ? ["--symlink", readlinkSync(path), path]
      : ["--ro-bind", path, path];
  } catch {
    return []; // This system has no such folder.
  }
}
