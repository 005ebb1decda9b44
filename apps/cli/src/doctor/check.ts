import type { CliConfig, Config } from "@pullwright/platform";

/** What one check found. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  /** One sentence. */
  readonly detail: string;
  /** How to mend it. */
  readonly mend?: string;
}

export interface CheckContext {
  readonly config: Config;
  readonly cli: CliConfig;
}

/** Looks at one thing; a check may find several. */
export type Check = (context: CheckContext) => Promise<readonly Finding[]>;

export const ok = (check: string, detail: string): Finding => ({
  check,
  status: "ok",
  detail,
});

export const warn = (check: string, detail: string, mend: string): Finding => ({
  check,
  status: "warn",
  detail,
  mend,
});

export const fail = (check: string, detail: string, mend: string): Finding => ({
  check,
  status: "fail",
  detail,
  mend,
});
