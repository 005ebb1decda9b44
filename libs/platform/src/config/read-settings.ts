import { readFileSync } from "node:fs";
import { codeOf } from "../error/app-error.js";
import type { ConfigurationFault } from "./configuration-error.js";
import type { Setting } from "./setting.js";
import { settings, type SettingName, type SettingValues } from "./settings.js";

/** The names and values of environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

const table: Record<SettingName, Setting<unknown>> = settings;
const names = Object.keys(settings) as SettingName[]; // A literal's keys, which Object.keys widens to string.

/** Reads every setting; a faulty one is reported and left out of the values. */
export function readSettings(environment: Environment) {
  const faults: ConfigurationFault[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of names) {
    const raw = table[name].secret
      ? readSecret(name, environment, faults)
      : unlessEmpty(environment[name]);
    const parsed = table[name].schema.safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else
      faults.push({
        key: name,
        problem: parsed.error.issues.map(({ message }) => message).join("; "),
      });
  }
  return { values: values as Partial<SettingValues>, faults };
}

/** A secret stands in the variable or in the file that `<NAME>_FILE` names, as Docker and Kubernetes mount them. */
function readSecret(
  name: string,
  environment: Environment,
  faults: ConfigurationFault[],
): string | undefined {
  const direct = unlessEmpty(environment[name]);
  const fileKey = `${name}_FILE`;
  const file = unlessEmpty(environment[fileKey]);
  if (file === undefined) return direct;
  if (direct !== undefined) {
    faults.push({
      key: fileKey,
      problem: `is set although ${name} is: unset one of the two`,
    });
    return direct;
  }
  try {
    return unlessEmpty(readFileSync(file, "utf8").trim());
  } catch (error) {
    faults.push({
      key: fileKey,
      problem: `names a file that cannot be read (${codeOf(error) ?? "unknown error"}): ${file}`,
    });
    return undefined;
  }
}

/** An empty value is no value: `KEY=` in a compose file or a manifest means "not set". */
function unlessEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}
