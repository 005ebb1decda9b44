import { knownAgents } from "./known-agents.js";
import {
  amount,
  appPrivateKey,
  bearerKey,
  choice,
  command,
  flag,
  integer,
  killPoint,
  list,
  optionalInteger,
  secret,
  secretUrl,
  text,
  textOr,
  url,
  urlOr,
} from "./setting.js";

const http = ["http:", "https:"];
const DAY_SECONDS = 86_400;
const CENTURY_DAYS = 36_500;

const days = (fallback: number, description: string) =>
  integer(
    fallback,
    { min: 0, max: CENTURY_DAYS },
    { group: "Retention", description },
  );

/**
 * Every environment variable Pullwright reads, in the order people should meet them.
 *
 * `.env.example` and `docs/configuration.md` are made from this table.
 */
export const settings = {
  DATABASE_URL: secretUrl(["postgres:", "postgresql:"], {
    group: "Storage and queue",
    description:
      "Postgres 15 or newer. Unset: an embedded Postgres starts and keeps its data under WORK_DIR (for laptops, demos and small teams).",
    example: "postgresql://pullwright:password@localhost:5432/pullwright",
  }),
  REDIS_URL: secretUrl(["redis:", "rediss:"], {
    group: "Storage and queue",
    description:
      "Redis with `maxmemory-policy noeviction`. Unset: the queue runs on the Postgres above.",
    example: "redis://localhost:6379",
  }),
  PORT: integer(
    8000,
    { min: 0, max: 65_535 },
    {
      group: "HTTP",
      description:
        "Port of the API, and of the health and metrics of a poller, orchestrator or runner that is started alone. 0: any free port.",
    },
  ),
  WEBHOOK_PORT: integer(
    8001,
    { min: 0, max: 65_535 },
    {
      group: "HTTP",
      description: "Port of the webhook gateway. 0: any free port.",
    },
  ),
  HOST: textOr("0.0.0.0", {
    group: "HTTP",
    description: "Address that both ports listen on.",
  }),
  PUBLIC_URL: url(http, {
    group: "HTTP",
    description:
      "Where people reach the API: a run's comment links to `/api/workflows/<adw_id>` there. Unset: no link.",
    example: "https://pullwright.example.com",
  }),
  PULLWRIGHT_API_KEY: bearerKey({
    group: "HTTP",
    description:
      "The first admin key: printable ASCII without spaces, and a warning where it is shorter than 16 characters. To replace it, set another and restart: the former one works no more, and never again. Unset: all services in one process (`npm start`) make one at their first start, print it once and keep it under WORK_DIR; an API started alone makes none, and warns where there is no admin key.",
  }),
  CORS_ORIGINS: list(
    /^https?:\/\/[^/\s*]+$/,
    "must be origins such as https://dashboard.example.com, separated by commas",
    {
      group: "HTTP",
      description:
        "Web origins, separated by commas, whose pages may call the API. Unset: none.",
      example: "https://dashboard.example.com",
    },
  ),
  API_DOCS: choice(
    ["open", "protected", "off"],
    "protected",
    {
      group: "HTTP",
      description:
        "Whether /api/docs and /api/openapi.json are `open` to all, `protected` by a key, or `off`.",
    },
    { false: "off", true: "protected" },
  ),
  METRICS: choice(["open", "protected"], "protected", {
    group: "HTTP",
    description:
      "Whether /metrics is `open` to all or `protected` by a key with the scope `read`.",
  }),
  GITHUB_API_URL: urlOr("https://api.github.com", http, {
    group: "GitHub",
    description:
      "REST API of GitHub, of GitHub Enterprise (https://HOST/api/v3), or of anything that speaks it.",
  }),
  GITHUB_GRAPHQL_URL: url(http, {
    group: "GitHub",
    description: "GraphQL API. Unset: derived from GITHUB_API_URL.",
  }),
  GITHUB_SERVER_URL: url(http, {
    group: "GitHub",
    description: "The git and web host. Unset: derived from GITHUB_API_URL.",
  }),
  GITHUB_WRITES_PER_MINUTE: integer(
    60,
    { min: 1, max: 6_000 },
    {
      group: "GitHub",
      description:
        "Writes to GitHub (comments, labels, pull requests) that follow each other in a minute, after 20 at once. github.com asks for no more; a GitHub Enterprise Server of one's own may allow more.",
    },
  ),
  GITHUB_TOKEN: secret({
    group: "GitHub",
    description:
      "A token with the permissions of docs/github-permissions.md. Either this or an App.",
  }),
  GITHUB_APP_ID: text({
    group: "GitHub",
    description: "Id of a GitHub App; needs GITHUB_APP_PRIVATE_KEY too.",
    example: "123456",
  }),
  GITHUB_APP_PRIVATE_KEY: appPrivateKey({
    group: "GitHub",
    description: "The App's private key (PEM; `\\n` may stand for line ends).",
  }),
  GITHUB_WEBHOOK_SECRET: secret({
    group: "GitHub",
    description:
      "The secret GitHub signs webhooks with; a warning where it is shorter than 16 characters. Unset: no webhook is accepted; polling still works.",
  }),
  GITHUB_WEBHOOK_SECRET_NEXT: secret({
    group: "GitHub",
    description:
      "A second secret that is accepted too, while you change from one to the other.",
  }),
  REPOSITORIES: list(
    // The domain's `fullNamePattern`, out of reach from here; repository-names.spec.ts in the API holds them equal.
    /^[A-Za-z0-9][\w-]{0,99}\/(?!\.{1,2}$)[\w.-]{1,100}$/,
    "must be owner/name, separated by commas",
    {
      group: "GitHub",
      description:
        "The repositories to serve, as owner/name, separated by commas.",
      example: "octo-org/octo-repo",
    },
  ),
  POLLING_INTERVAL_SECONDS: integer(
    60,
    { min: 1, max: DAY_SECONDS },
    {
      group: "Polling",
      description:
        "How often GitHub is asked for what no webhook reported. A fifth as often (every 10 minutes at least) while webhooks tell all that it finds.",
    },
  ),
  POLLING: flag(true, {
    group: "Polling",
    description:
      "Whether to poll at all. `false`: only webhooks, the API and the CLI start runs.",
  }),
  AGENT: choice(knownAgents, "claude", {
    group: "Agents",
    description: "The default agent: claude, codex, or command.",
  }),
  AGENT_MODEL: text({
    group: "Agents",
    description: "The default model. Unset: the agent's own default.",
  }),
  AGENT_ROUTE: list(
    new RegExp(`^(?:${knownAgents.join("|")})$`),
    `must be names of agents (${knownAgents.join(", ")}), separated by commas`,
    {
      group: "Agents",
      description:
        "Agents in the order in which they go on when one's quota is used up or its credential is refused; a run that names no agent begins with the first. A repository's policy (`agent_route`) goes before it. Unset: AGENT alone.",
      example: "claude,codex",
    },
  ),
  CONTEXT_WINDOWS: list(
    /^(?:\*|[\w.:/[\]-]{1,100})=[1-9]\d{3,7}$/,
    "must be model=tokens, separated by commas",
    {
      group: "Agents",
      description:
        "Context windows in tokens, by model; `*` is for models that Pullwright does not know, by an agent's name for its default model. A prompt is shortened until it leaves room for the agent's work.",
      example: "local-coder=32768,*=64000",
    },
  ),
  MODEL_PRICES: list(
    /^(?:\*|[\w.:/[\]-]{1,100})=\d{1,6}(?:\.\d{1,6})?(?:\/\d{1,6}(?:\.\d{1,6})?){1,3}$/,
    "must be model=input/output, in US dollars for a million tokens, then perhaps /cache-read/cache-write, separated by commas",
    {
      group: "Agents",
      description:
        "US dollars for a million tokens, by model: input/output/cache read/cache write; the last two cost as input where they are missing. `*` is for models that are not named, an agent's name for its default model. Budgets count by them where an agent tells no cost: Codex never does, Claude Code only at its end.",
      example: "local-coder=0.5/2,*=3/15/0.3/3.75",
    },
  ),
  AGENT_COMMAND: command({
    group: "Agents",
    description:
      "The program of the `command` agent: a path, or a JSON array of program and arguments. No shell is used.",
    example: '["node", "/opt/agent/main.mjs"]',
  }),
  CLAUDE_CODE_PATH: textOr("claude", {
    group: "Agents",
    description: "Claude Code: a path, or a name on PATH.",
  }),
  ANTHROPIC_API_KEY: secret({
    group: "Agents",
    description: "Key for Claude Code.",
  }),
  ANTHROPIC_BASE_URL: url(http, {
    group: "Agents",
    description: "Another endpoint for Claude Code.",
  }),
  CODEX_PATH: textOr("codex", {
    group: "Agents",
    description: "Codex: a path, or a name on PATH.",
  }),
  OPENAI_API_KEY: secret({ group: "Agents", description: "Key for Codex." }),
  OPENAI_BASE_URL: url(http, {
    group: "Agents",
    description: "Another endpoint for Codex.",
  }),
  RUNNER_CONCURRENCY: integer(
    2,
    { min: 1, max: 256 },
    { group: "Runner", description: "Phases one runner works on at once." },
  ),
  MAX_CONCURRENT_PHASES: optionalInteger(
    { min: 1, max: 10_000 },
    {
      group: "Dispatch",
      description:
        "Phases that all runners together work on at once. Unset: as many as the runners take. A repository's own limit and its weight (1 to 100) are `max_concurrent` and `weight` in its policy.",
      example: "8",
    },
  ),
  MAX_CONCURRENT_PER_AGENT: optionalInteger(
    { min: 1, max: 10_000 },
    {
      group: "Dispatch",
      description: "Phases that one agent works on at once. Unset: no limit.",
      example: "4",
    },
  ),
  PRIORITY_AGEING_MINUTES: integer(
    30,
    { min: 1, max: 10_080 },
    {
      group: "Dispatch",
      description:
        "A run that waits for a runner rises by one class of priority (low, normal, high, urgent) each time this many minutes have passed, up to the highest that waits.",
    },
  ),
  MAX_RUN_MINUTES: integer(
    120,
    { min: 1, max: 10_080 },
    {
      group: "Runner",
      description: "A run is ended after this many minutes of work.",
    },
  ),
  MAX_RUN_USD: amount(
    { min: 0, max: 1_000_000 },
    {
      group: "Runner",
      description:
        "A run waits for a person once its agents have cost this much. Unset: no limit. A repository's own is `max_run_usd` in its policy.",
      example: "5",
    },
  ),
  MAX_DAY_USD: amount(
    { min: 0, max: 1_000_000 },
    {
      group: "Runner",
      description:
        "What the agents of all runs together may cost on a day in UTC; then runs wait. Unset: no limit. A repository's own is `max_day_usd` in its policy.",
      example: "50",
    },
  ),
  MAX_BUILD_ROUNDS: integer(
    3,
    { min: 0, max: 20 },
    {
      group: "Runner",
      description: "How often the agent may mend a build whose tests failed.",
    },
  ),
  PHASE_TIMEOUT_MINUTES: optionalInteger(
    { min: 1, max: 1_440 },
    {
      group: "Runner",
      description:
        "Any single phase is ended after this many minutes. Unset: each kind of phase has its own limit (`GET /api/definitions`). What its run has left of MAX_RUN_MINUTES holds where it is less.",
      example: "90",
    },
  ),
  MAX_AGENT_MEMORY_MB: integer(
    8_192,
    { min: 64, max: 4_194_304 },
    {
      group: "Runner",
      description:
        "Memory that the processes of an agent, or of a repository's command, may hold together, with what they put into the sandbox's folders in memory (`/tmp`, `/dev/shm`) and into files in memory without a name (`memfd`). Beyond it they are ended.",
    },
  ),
  SILENCE_TIMEOUT_MINUTES: optionalInteger(
    { min: 1, max: 1_440 },
    {
      group: "Runner",
      description:
        "An agent or command that gives no sign of life for this long is ended; an agent after twice this long while a tool of its runs. Unset: each kind of phase has its own limit (`GET /api/definitions`).",
      example: "30",
    },
  ),
  DRAIN_SECONDS: integer(
    60,
    { min: 0, max: 86_400 },
    {
      group: "Runner",
      description:
        "A runner that is told to stop lets its phases go on for this long, then hands them over. Whoever stops it must wait 60 seconds longer.",
    },
  ),
  ALLOW_UNSANDBOXED_AGENTS: flag(false, {
    group: "Runner",
    description:
      "Run agents even where no sandbox is available. They can then read this process's secrets: only for code you trust.",
  }),
  HEARTBEAT_INTERVAL_SECONDS: integer(
    15,
    { min: 1, max: 3_600 },
    {
      group: "Heartbeat",
      description: "How often a runner says that it lives.",
    },
  ),
  HEARTBEAT_TIMEOUT_SECONDS: integer(
    120,
    { min: 2, max: 86_400 },
    {
      group: "Heartbeat",
      description:
        "After this long without a word its work is given to another. At least three intervals.",
    },
  ),
  RETENTION_LOG_DAYS: days(
    30,
    "Lines of the logs of ended runs are removed after this many days. 0: never.",
  ),
  RETENTION_TRANSCRIPT_DAYS: days(
    90,
    "Messages, model calls and artifacts of ended runs are removed after this many days. 0: never.",
  ),
  RETENTION_DELIVERY_DAYS: days(
    30,
    "Handled deliveries, and answers to comments that moved nothing, are emptied after this many days; that they came, and what became of them, stays. 0: never.",
  ),
  RETENTION_RUN_DAYS: days(
    0,
    "Ended runs are removed, with all that hangs on them but their history, after this many days. 0: never.",
  ),
  RETENTION_AUDIT_DAYS: days(
    0,
    "The audit and the history of ended runs are removed after this many days. 0: never.",
  ),
  LOG_LEVEL: choice(
    ["trace", "debug", "info", "warn", "error", "fatal"],
    "info",
    {
      group: "Logging and files",
      description:
        "The least important messages to log: `trace`, `debug`, `info`, `warn`, `error` or `fatal`.",
    },
  ),
  DEBUG: flag(false, {
    group: "Logging and files",
    description: "Log at `debug`, whatever LOG_LEVEL says.",
  }),
  WORK_DIR: textOr(".pullwright", {
    group: "Logging and files",
    description:
      "Folder of the embedded Postgres, which one process uses at a time, of mirrors and of checkouts. A repository takes its mirror, a tree for each phase at work, those of the latest runs, and where its files take long to write as many more, laid out ahead, as runs came at once, and its files a second time in the mirror (up to 1 GB).",
  }),
  KILL_POINT: killPoint({
    group: "Faults",
    description:
      "Only with DEBUG: the moment at which this process kills itself, for the fault suite. A name of libs/platform/src/faults/kill-points.ts; `@2`: at the second time; `stop:` before it: stops as by SIGSTOP; `block:5000:`: keeps the event loop busy for so many milliseconds.",
    example: "runner.pushed-not-recorded",
  }),
} as const;

/** The name of a setting. */
export type SettingName = keyof typeof settings;

/** Every setting, read. */
export type SettingValues = {
  [K in SettingName]: ReturnType<(typeof settings)[K]["schema"]["parse"]>;
};
