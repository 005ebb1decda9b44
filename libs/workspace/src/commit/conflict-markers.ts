import type { Change } from "../git/changes.js";
import type { Git, GitScope } from "../git/git.js";
import { isFile } from "../git/modes.js";
import { lookUp, readBlobs } from "../git/objects.js";
import type { GuardPolicy } from "../guard/guard-policy.js";
import type { Violation } from "../guard/violation.js";

const MARKER = /^(?:<{7}|>{7})(?: |$)/m;

/**
 * Files in which an agent left a conflict open, as they are staged: in the tree a link or a pipe could stand in a file's
 * place. One that is the same as on either side has nothing left to settle; one that is too large is refused as such.
 */
export async function leftMarkers(
  git: Git,
  scope: GitScope,
  changes: readonly Change[],
  conflicts: readonly string[],
  policy: GuardPolicy,
): Promise<Violation[]> {
  const open = new Set(conflicts);
  const plain = changes.filter(
    ({ path, newMode }) => open.has(path) && isFile(newMode),
  );
  const sizes = await lookUp(git, scope, plain.map(newShaOf));
  const readable = plain.filter(
    (_, index) => (sizes[index]?.bytes ?? Infinity) <= policy.maxFileBytes,
  );
  const texts = await readBlobs(git, scope, readable.map(newShaOf));
  return readable.flatMap(({ path }, index): Violation[] =>
    MARKER.test(texts[index]?.toString("utf8") ?? "")
      ? [
          {
            rule: "conflict_markers",
            path,
            message: `${path} still has conflict markers.`,
          },
        ]
      : [],
  );
}

const newShaOf = ({ newSha }: Change): string => newSha;
