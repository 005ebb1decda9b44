/** What a person asks for in a comment, by label, API, CLI or dashboard. */
export type Command =
  | {
      readonly name: "adw";
      /** Null means the default workflow. */
      readonly workflow: string | null;
      readonly agent: string | null;
      readonly model: string | null;
      readonly budgetUsd: number | null;
    }
  | { readonly name: "approve" }
  | { readonly name: "reject"; readonly why: string }
  | {
      readonly name: "retry";
      readonly phase: string | null;
      readonly note: string;
    }
  | { readonly name: "cancel"; readonly reason: string }
  | { readonly name: "continue"; readonly addUsd: number }
  | { readonly name: "status" };

export interface CommandMistake {
  /** One sentence that says what is wrong and how to write it right. */
  readonly mistake: string;
}
