import type { AgentError } from "@pullwright/contracts";
import { storableText } from "../stream/storable.js";
import { errorClass } from "./error-class.js";

/** The last line that says something: CLIs print warnings first and what ended them last. */
export function lastWords(stderrTail: string): string {
  return storableText(
    stderrTail.trimEnd().split("\n").at(-1)?.trim() ?? "",
    1000,
  );
}

/** The error on stderr of a run whose stream says nothing, if its wording is one that we know. */
export function stderrError(stderrTail: string): AgentError | undefined {
  const message = lastWords(stderrTail);
  const byWording = errorClass({ message });
  return byWording === "unknown"
    ? undefined
    : { class: byWording, http_status: null, message };
}
