import type { Change } from "../git/changes.js";
import type { GuardPolicy } from "../guard/guard-policy.js";
import type { Violation } from "../guard/violation.js";
import type { CommitTrailers } from "./trailers.js";

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface CommitRequest {
  readonly message: string;
  readonly trailers: CommitTrailers;
  readonly author?: Person | undefined;
  /** The shipped policy unless told. */
  readonly guard?: GuardPolicy | undefined;
  /** Values that must never be in a commit, such as the tokens of this process. */
  readonly knownSecrets?: readonly string[] | undefined;
  /** Names of files that the agent's tool may leave behind; removed where git does not know them. */
  readonly leftovers?: readonly RegExp[] | undefined;
  /** Exactly these files are written; absent means all that changed in the tree. */
  readonly files?: ReadonlyMap<string, string> | undefined;
}

export interface Commit {
  readonly sha: string;
  readonly parentSha: string;
  /** How many files it changes. */
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
  readonly changes: readonly Change[];
}

export type CommitAnswer =
  | { readonly kind: "committed"; readonly commit: Commit }
  | { readonly kind: "no_changes" }
  | { readonly kind: "refused"; readonly violations: readonly Violation[] };
