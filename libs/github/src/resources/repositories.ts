import { z } from "zod";
import { isGitHubError } from "../error/github-error.js";
import { fullNameOf, type RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { read } from "../transport/read-answer.js";

/** A repository as GitHub knows it now; `fullName` follows renames and transfers. */
export interface Repository {
  readonly id: number;
  readonly fullName: string;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  /** On the configured git host, without credentials. */
  readonly cloneUrl: string;
}

/** What lies between two commits. */
export interface Comparison {
  readonly status: "ahead" | "behind" | "identical" | "diverged";
  readonly aheadBy: number;
  readonly behindBy: number;
  readonly files: readonly ChangedFile[];
  /** GitHub lists 300 files at most. */
  readonly isTruncated: boolean;
}

export interface ChangedFile {
  readonly path: string;
  readonly previousPath: string | undefined;
  readonly status: string;
  readonly additions: number;
  readonly deletions: number;
  /** Unified diff; undefined for binary and very large files. */
  readonly patch: string | undefined;
}

const MAX_COMPARED_FILES = 300;

const repositoryBody = z.object({
  id: z.int(),
  full_name: z.string(),
  default_branch: z.string().min(1),
  private: z.boolean().optional(),
  archived: z.boolean().optional(),
});
const refBody = z.object({ object: z.object({ sha: z.string() }) });
const comparisonBody = z.object({
  status: z.enum(["ahead", "behind", "identical", "diverged"]),
  ahead_by: z.int(),
  behind_by: z.int(),
  files: z
    .array(
      z.object({
        filename: z.string(),
        previous_filename: z.string().optional(),
        status: z.string(),
        additions: z.int(),
        deletions: z.int(),
        patch: z.string().optional(),
      }),
    )
    .optional(),
});

/** Requests about repositories, branches and commits. */
export function repositoryClient(door: Door) {
  return {
    get: async (repository: RepositoryName): Promise<Repository> => {
      const answer = await door.rest.repos.get(at(repository));
      const body = read(answer, repositoryBody);
      return {
        id: body.id,
        fullName: body.full_name,
        defaultBranch: body.default_branch,
        isPrivate: body.private ?? false,
        isArchived: body.archived ?? false,
        cloneUrl: cloneUrlOf(door.serverUrl, body.full_name),
      };
    },

    /** The commit that a branch points to; undefined when there is no such branch. */
    headOf: async (
      repository: RepositoryName,
      branch: string,
    ): Promise<string | undefined> => {
      try {
        const ref = `heads/${branch}`;
        const answer = await door.rest.git.getRef({ ...at(repository), ref });
        return read(answer, refBody).object.sha;
      } catch (error) {
        if (isGitHubError(error, "not_found")) return undefined;
        throw error;
      }
    },

    /** What `head` adds to `base`, from their common ancestor on. */
    compare: async (
      repository: RepositoryName,
      base: string,
      head: string,
    ): Promise<Comparison> => {
      const answer = await door.rest.repos.compareCommitsWithBasehead({
        ...at(repository),
        basehead: `${base}...${head}`,
        per_page: PAGE_SIZE,
      });
      const body = read(answer, comparisonBody);
      const files = (body.files ?? []).map((file) => ({
        path: file.filename,
        previousPath: file.previous_filename,
        status: file.status,
        additions: file.additions,
        deletions: file.deletions,
        patch: file.patch,
      }));
      return {
        status: body.status,
        aheadBy: body.ahead_by,
        behindBy: body.behind_by,
        files,
        isTruncated: files.length >= MAX_COMPARED_FILES,
      };
    },
  };
}

/** The address that git clones from, on the git host and without credentials. */
export function cloneUrlOf(
  serverUrl: string,
  repository: RepositoryName | string,
): string {
  const fullName =
    typeof repository === "string" ? repository : fullNameOf(repository);
  return `${serverUrl.replace(/\/+$/, "")}/${fullName}.git`;
}
