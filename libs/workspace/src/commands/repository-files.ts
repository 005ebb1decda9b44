/** What a detector may look at: the top folder of a commit. */
export interface RepositoryFiles {
  has(name: string): boolean;
  /** The text of a file; empty when it is not there. */
  text(name: string): string;
}
