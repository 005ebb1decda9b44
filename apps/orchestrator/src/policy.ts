import type { Repository } from "@pullwright/persistence";
import { z } from "zod";

/** Paths that an agent's pull request may not touch unless the repository says so: each could widen what the next run may do. */
export const defaultProtectedPaths = [
  ".github/workflows/**",
  ".github/actions/**",
  "**/CODEOWNERS",
  ".pullwright.yml",
  "**/AGENTS.md",
  "**/CLAUDE.md",
  "**/GEMINI.md",
  ".github/copilot-instructions.md",
  ".claude/**",
  ".codex/**",
  ".mcp.json",
  ".gitmodules",
] as const;

/** A repository's rules, as far as this service obeys them. What is missing or malformed keeps its default, which is the narrow one. */
const policySchema = z.object({
  /** GitHub ids of accounts that may ask without write permission; the only way for a bot. */
  allowedActorIds: z.array(z.int().positive()).catch([]),
  /** Whether closing the issue cancels its run. */
  cancelOnClose: z.boolean().catch(true),
  /** Globs; `*` within one folder, `**` over any number. */
  protectedPaths: z
    .array(z.string().min(1).max(300))
    .max(200)
    .catch([...defaultProtectedPaths]),
  maxChangedFiles: z.int().positive().catch(200),
});

export type Policy = z.output<typeof policySchema>;

export function policyOf(repository: Pick<Repository, "policy">): Policy {
  return policySchema.parse(repository.policy);
}
