import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import {
  agentOutputFileSchema,
  type AgentOutputFile,
} from "@pullwright/contracts";
import { codeOf } from "@pullwright/platform";
import { storableText } from "../stream/storable.js";

export const OUTPUT_FILE_LIMIT_BYTES = 1024 * 1024;

/** What an agent left in its output file. */
export type OutputFile =
  | { readonly state: "absent" }
  /** There is something, and it is nothing we take; the agent's stdout counts then. */
  | { readonly state: "invalid"; readonly reason: string }
  | { readonly state: "output"; readonly output: AgentOutputFile };

const invalid = (reason: string): OutputFile => ({ state: "invalid", reason });

/**
 * Reads the file that the agent may have written. The agent chose what lies there: a link would make us read a file
 * of ours, a pipe would make us wait for ever, and a large file would fill our memory.
 */
export async function readOutputFile(path: string): Promise<OutputFile> {
  let file: FileHandle;
  try {
    file = await open(
      path,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return { state: "absent" };
    if (code === "ELOOP") return invalid("it is a symbolic link");
    // EACCES: the agent took our right to read; ENXIO: a socket. Its doing, not ours.
    if (code === "EACCES" || code === "ENXIO" || code === "ENOTDIR")
      return invalid(`it cannot be opened (${code})`);
    throw error;
  }
  try {
    const facts = await file.stat();
    if (!facts.isFile()) return invalid("it is not a regular file");
    if (facts.size > OUTPUT_FILE_LIMIT_BYTES)
      return invalid(`it has ${facts.size} bytes, more than 1 MB`);
    // A child that was left behind may still write: read no more than we checked for.
    const buffer = Buffer.alloc(facts.size);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return parse(buffer.toString("utf8", 0, bytesRead));
  } finally {
    await file.close();
  }
}

function parse(text: string): OutputFile {
  if (text.trim() === "") return { state: "absent" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid("it is not JSON");
  }
  const parsed = agentOutputFileSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return invalid(
      `${issue?.path.join(".") || "the file"}: ${issue?.message ?? "wrong"}`,
    );
  }
  const { summary, classification, plan } = parsed.data;
  return {
    state: "output",
    output: {
      ...(summary !== undefined && { summary: storableText(summary) }),
      ...(classification !== undefined && { classification }),
      ...(plan !== undefined && {
        plan: storableText(plan, OUTPUT_FILE_LIMIT_BYTES),
      }),
    },
  };
}
