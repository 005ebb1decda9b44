import { AppError } from "../error/app-error.js";

/** One setting that cannot be used as it is. */
export interface ConfigurationFault {
  /** The environment variable. */
  readonly key: string;
  /** What is wrong and how to mend it; never the value of a secret. */
  readonly problem: string;
}

/** The environment does not make a configuration; names every bad key at once. */
export class ConfigurationError extends AppError {
  readonly faults: readonly ConfigurationFault[];

  constructor(faults: readonly ConfigurationFault[]) {
    const lines = faults.map(({ key, problem }) => `  ${key}: ${problem}`);
    super(
      "configuration_invalid",
      `The configuration is not usable:\n${lines.join("\n")}`,
      {
        level: "fatal",
        expose: true,
      },
    );
    this.faults = faults;
  }
}
