import { dirname, isAbsolute, join, resolve } from "node:path";
import {
  ConfigurationError,
  type ConfigurationFault,
} from "./configuration-error.js";
import { githubAddresses } from "./github-addresses.js";
import { readSettings, type Environment } from "./read-settings.js";
import { pemOf } from "./setting.js";
import type { SettingValues } from "./settings.js";

const MINUTE_MS = 60_000;
const MEBIBYTE = 1024 ** 2;
const SAFE_LENGTH = 16;
const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

/** What an app cannot start without; what others may lack is not asked of it. */
export type ConfigNeed =
  | "github"
  | "repositories"
  | "webhook-secret"
  /** It serves the API and, where there is a secret, the webhooks. */
  | "two-ports";

/** How we prove to GitHub who we are. */
export type GitHubCredentials =
  | { readonly kind: "token"; readonly token: string }
  | {
      readonly kind: "app";
      readonly appId: string;
      readonly privateKey: string;
    };

/** Everything an app may know of its surroundings. */
export type Config = ReturnType<typeof toConfig>;

/**
 * Reads the configuration from the environment; throws one error that names every bad variable.
 *
 * `needs` lists what this app cannot do without, so that a missing value is found at boot and not at the first run.
 */
export function loadConfig(
  environment: Environment = process.env,
  needs: readonly ConfigNeed[] = [],
): Config {
  const { values, faults } = readSettings(environment);
  // What is faulty has no value here, and is not missing for all that.
  const isNew = ({ key }: ConfigurationFault) =>
    !faults.some((fault) => fault.key === key);
  const more = [...contradictions(values), ...unmet(values, needs)];
  const all = [...faults, ...more.filter(isNew)];
  if (all.length > 0) throw new ConfigurationError(all);
  return toConfig(values as SettingValues, environment["PATH"]); // Whole: a setting without a value has a fault.
}

function contradictions(values: Partial<SettingValues>): ConfigurationFault[] {
  const {
    GITHUB_TOKEN,
    GITHUB_APP_ID,
    GITHUB_APP_PRIVATE_KEY,
    AGENT,
    AGENT_ROUTE = [],
    AGENT_COMMAND,
  } = values;
  const {
    HEARTBEAT_INTERVAL_SECONDS: interval,
    HEARTBEAT_TIMEOUT_SECONDS: timeout,
  } = values;
  const faults: ConfigurationFault[] = [];
  const fault = (key: string, problem: string) => faults.push({ key, problem });
  if (GITHUB_APP_ID && !GITHUB_APP_PRIVATE_KEY)
    fault("GITHUB_APP_PRIVATE_KEY", "is missing although GITHUB_APP_ID is set");
  if (!GITHUB_APP_ID && GITHUB_APP_PRIVATE_KEY)
    fault("GITHUB_APP_ID", "is missing although GITHUB_APP_PRIVATE_KEY is set");
  if (GITHUB_TOKEN && GITHUB_APP_ID)
    fault(
      "GITHUB_TOKEN",
      "is set although GITHUB_APP_ID is: unset one of the two",
    );
  if (values.KILL_POINT !== undefined && values.DEBUG !== true)
    fault(
      "KILL_POINT",
      "ends this process on purpose and needs DEBUG=true; unset it",
    );
  if (AGENT === "command" && !AGENT_COMMAND)
    fault("AGENT_COMMAND", "is missing although AGENT is command");
  else if (AGENT_ROUTE.includes("command") && !AGENT_COMMAND)
    fault("AGENT_COMMAND", "is missing although AGENT_ROUTE names command");
  if (
    interval !== undefined &&
    timeout !== undefined &&
    timeout < 3 * interval
  ) {
    fault(
      "HEARTBEAT_TIMEOUT_SECONDS",
      `must be at least three times HEARTBEAT_INTERVAL_SECONDS (${interval.toString()})`,
    );
  }
  return faults;
}

function unmet(
  values: Partial<SettingValues>,
  needs: readonly ConfigNeed[],
): ConfigurationFault[] {
  const { GITHUB_TOKEN, GITHUB_APP_ID, REPOSITORIES, GITHUB_WEBHOOK_SECRET } =
    values;
  const { PORT, WEBHOOK_PORT } = values;
  const servesBoth = Boolean(PORT && WEBHOOK_PORT && GITHUB_WEBHOOK_SECRET);
  const faults: ConfigurationFault[] = [];
  const need = (
    name: ConfigNeed,
    met: boolean,
    key: string,
    problem: string,
  ) => {
    if (needs.includes(name) && !met) faults.push({ key, problem });
  };
  need(
    "github",
    Boolean(GITHUB_TOKEN ?? GITHUB_APP_ID),
    "GITHUB_TOKEN",
    "is missing: set it, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY",
  );
  need(
    "repositories",
    Boolean(REPOSITORIES?.length),
    "REPOSITORIES",
    "is missing: name at least one repository as owner/name",
  );
  need(
    "webhook-secret",
    Boolean(GITHUB_WEBHOOK_SECRET),
    "GITHUB_WEBHOOK_SECRET",
    "is missing: set the secret of the webhook",
  );
  need(
    "two-ports",
    !servesBoth || PORT !== WEBHOOK_PORT,
    "WEBHOOK_PORT",
    `is PORT too (${String(PORT)}): set another`,
  );
  return faults;
}

function toConfig(values: SettingValues, searchPath = USUAL_PATH) {
  const workDir = resolve(values.WORK_DIR);
  return {
    database: {
      url: values.DATABASE_URL,
      embeddedDir: join(workDir, "postgres"),
    },
    redis: { url: values.REDIS_URL },
    http: {
      host: values.HOST,
      port: values.PORT,
      webhookPort: values.WEBHOOK_PORT,
      publicUrl: values.PUBLIC_URL,
      corsOrigins: values.CORS_ORIGINS,
      apiDocs: values.API_DOCS,
      metrics: values.METRICS,
    },
    auth: { firstAdminKey: values.PULLWRIGHT_API_KEY },
    github: {
      ...githubAddresses(values.GITHUB_API_URL, {
        graphqlUrl: values.GITHUB_GRAPHQL_URL,
        serverUrl: values.GITHUB_SERVER_URL,
      }),
      writesPerMinute: values.GITHUB_WRITES_PER_MINUTE,
      credentials: credentialsOf(values),
      /** The current one first, then the next; a webhook may be signed with either. */
      webhookSecrets: [
        values.GITHUB_WEBHOOK_SECRET,
        values.GITHUB_WEBHOOK_SECRET_NEXT,
      ].filter(isSet),
    },
    repositories: values.REPOSITORIES,
    polling: {
      enabled: values.POLLING,
      intervalMs: values.POLLING_INTERVAL_SECONDS * 1000,
    },
    agents: {
      default: values.AGENT,
      /** Empty: the default agent alone. */
      route: values.AGENT_ROUTE,
      /** Tokens by model in lower case; `*` for those that are not known. */
      contextWindows: new Map(
        values.CONTEXT_WINDOWS.map((entry): [string, number] => {
          const [model = "", tokens] = entry.split("=");
          return [model.toLowerCase(), Number(tokens)];
        }),
      ),
      /** US dollars for a million tokens, by model in lower case; `*` for those that are not named. */
      prices: new Map(values.MODEL_PRICES.map(priceOf)),
      model: values.AGENT_MODEL,
      /** Program and arguments. */
      command: values.AGENT_COMMAND,
      claude: {
        path: values.CLAUDE_CODE_PATH,
        apiKey: values.ANTHROPIC_API_KEY,
        baseUrl: values.ANTHROPIC_BASE_URL,
      },
      codex: {
        path: values.CODEX_PATH,
        apiKey: values.OPENAI_API_KEY,
        baseUrl: values.OPENAI_BASE_URL,
      },
    },
    dispatch: {
      maxPhases: values.MAX_CONCURRENT_PHASES,
      maxPerAgent: values.MAX_CONCURRENT_PER_AGENT,
      ageingMs: values.PRIORITY_AGEING_MINUTES * MINUTE_MS,
    },
    runner: {
      concurrency: values.RUNNER_CONCURRENCY,
      maxRunMs: values.MAX_RUN_MINUTES * MINUTE_MS,
      maxRunUsd: values.MAX_RUN_USD,
      maxDayUsd: values.MAX_DAY_USD,
      maxBuildRounds: values.MAX_BUILD_ROUNDS,
      phaseTimeoutMs: minutesInMs(values.PHASE_TIMEOUT_MINUTES),
      silenceTimeoutMs: minutesInMs(values.SILENCE_TIMEOUT_MINUTES),
      maxAgentMemoryBytes: values.MAX_AGENT_MEMORY_MB * MEBIBYTE,
      drainMs: values.DRAIN_SECONDS * 1000,
      allowUnsandboxed: values.ALLOW_UNSANDBOXED_AGENTS,
    },
    heartbeat: {
      intervalMs: values.HEARTBEAT_INTERVAL_SECONDS * 1000,
      timeoutMs: values.HEARTBEAT_TIMEOUT_SECONDS * 1000,
    },
    retention: {
      logDays: values.RETENTION_LOG_DAYS,
      transcriptDays: values.RETENTION_TRANSCRIPT_DAYS,
      deliveryDays: values.RETENTION_DELIVERY_DAYS,
      runDays: values.RETENTION_RUN_DAYS,
      auditDays: values.RETENTION_AUDIT_DAYS,
    },
    log: {
      level:
        values.DEBUG && values.LOG_LEVEL !== "trace"
          ? ("debug" as const)
          : values.LOG_LEVEL,
    },
    debug: values.DEBUG,
    /** Null in every process that is not under test. */
    killPoint: values.KILL_POINT ?? null,
    /** Where programs are looked for, as in PATH; Node's own folder is always among them. */
    searchPath: [
      // A relative folder would be looked for in a checkout, where an agent may put a program of that name.
      ...searchPath.split(":").filter((folder) => isAbsolute(folder)),
      dirname(process.execPath),
    ].join(":"),
    /** Absolute. */
    workDir,
    /** What can be used and should not be; nothing of a value. */
    warnings: warningsOf(values),
    /** Every secret value there is, for redaction. */
    secrets: secretsOf(values),
  };
}

/** Of `model=input/output/cache read/cache write`. */
function priceOf(entry: string) {
  const [model = "", amounts = ""] = entry.split("=");
  const [input = 0, output = 0, cacheRead = input, cacheWrite = input] = amounts
    .split("/")
    .map(Number);
  const price = { input, output, cacheRead, cacheWrite };
  return [model.toLowerCase(), price] as const;
}

function credentialsOf(values: SettingValues): GitHubCredentials | undefined {
  const {
    GITHUB_TOKEN: token,
    GITHUB_APP_ID: appId,
    GITHUB_APP_PRIVATE_KEY: key,
  } = values;
  if (token) return { kind: "token", token };
  return appId && key
    ? { kind: "app", appId, privateKey: pemOf(key) }
    : undefined;
}

/** Whoever guesses one of these administers Pullwright, or tells it what happened on GitHub. */
const guessable = [
  "PULLWRIGHT_API_KEY",
  "GITHUB_WEBHOOK_SECRET",
  "GITHUB_WEBHOOK_SECRET_NEXT",
] as const;

function warningsOf(values: SettingValues): string[] {
  return guessable
    .filter((name) => isSet(values[name]) && values[name].length < SAFE_LENGTH)
    .map(
      (name) =>
        `${name} is shorter than ${SAFE_LENGTH.toString()} characters and may be guessed: set a long random one`,
    );
}

function secretsOf(values: SettingValues): string[] {
  const plain = [
    values.PULLWRIGHT_API_KEY,
    values.GITHUB_TOKEN,
    values.GITHUB_APP_PRIVATE_KEY,
    values.GITHUB_WEBHOOK_SECRET,
    values.GITHUB_WEBHOOK_SECRET_NEXT,
    values.ANTHROPIC_API_KEY,
    values.OPENAI_API_KEY,
  ];
  const passwords = [values.DATABASE_URL, values.REDIS_URL]
    .filter(isSet)
    .map((url) => new URL(url).password);
  return [
    ...plain,
    ...passwords.flatMap((password) => [
      password,
      decodeURIComponent(password),
    ]),
  ].filter(isSet);
}

function minutesInMs(minutes: number | undefined): number | undefined {
  return minutes === undefined ? undefined : minutes * MINUTE_MS;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
