import { createHash } from "node:crypto";
import { OUR_MARKER } from "@pullwright/intake";

/** Marks the one status comment of a run, and its pull request. */
export function runMarker(adwId: string): string {
  return `${OUR_MARKER}run:${adwId} -->`;
}

/** Marks a one-off answer; the key itself may hold a stranger's text. */
export function replyMarker(target: string): string {
  const hash = createHash("sha256").update(target).digest("hex").slice(0, 16);
  return `${OUR_MARKER}reply:${hash} -->`;
}
