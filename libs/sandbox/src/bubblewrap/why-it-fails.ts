/** bubblewrap names the call that failed, not who forbade it. */
const mends: readonly (readonly [words: RegExp, mend: string])[] = [
  [
    /can't mount proc/i,
    "The masks over /proc of a container forbid it: start the container with security_opt systempaths=unconfined (Docker), or with procMount: Unmasked and hostUsers: false (Kubernetes).",
  ],
  [
    /new namespace|uid map|gid map/i,
    "Unprivileged user namespaces are forbidden: allow them (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns), and in a container start it without seccomp's and AppArmor's default profiles.",
  ],
];

/** Why bubblewrap does not start, by what it printed, with the mend where the cause is known. */
export function whyItFails(printed: string): string {
  const mend = mends.find(([words]) => words.test(printed))?.[1];
  const sentence = `It does not start: ${printed.trim()}.`;
  return mend === undefined ? sentence : `${sentence} ${mend}`;
}
