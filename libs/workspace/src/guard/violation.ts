/** What a guard objects to; one word for the machine. */
export type GuardRule =
  | "protected_path"
  | "bad_path"
  | "case_collision"
  | "nested_repository"
  | "bad_mode"
  | "escaping_symlink"
  | "too_many_files"
  | "file_too_large"
  | "change_too_large"
  | "conflict_markers"
  | "unreadable"
  | "secret";

/** One objection, with a sentence for people. Never holds the secret itself. */
export interface Violation {
  readonly rule: GuardRule;
  /** Null when it concerns the change as a whole. */
  readonly path: string | null;
  readonly message: string;
}
