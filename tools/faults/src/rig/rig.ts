import { execFile } from "node:child_process";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { endOrphans } from "@pullwright/sandbox";
import {
  linkTo,
  startRedisServer,
  type OwnRedis,
  type TcpLink,
} from "@pullwright/testing";
import {
  diligent,
  startDirector,
  type AgentScript,
  type Director,
} from "./director.js";
import { earlierPrograms } from "./earlier-version.js";
import { Fleet } from "./fleet.js";
import { requestsOf } from "./requests.js";
import { startRigPostgres, type RigPostgres } from "./rig-postgres.js";
import type { ServiceKind } from "./service-kinds.js";
import type { Environment } from "./service-process.js";
import { servicePrograms, type Programs } from "./service-programs.js";
import {
  makeSurroundings,
  REPOSITORY,
  type Surroundings,
} from "./surroundings.js";
import { mountVolume, type Volume } from "./volume.js";

export type Backend = "redis" | "postgres";

export interface RigOptions {
  readonly backend: Backend;
  /** Of each service; two unless told. */
  readonly replicas?: Partial<Readonly<Record<ServiceKind, number>>>;
  readonly agentScript?: AgentScript;
  /** Settings of all services, or of those of a kind or a name. */
  readonly env?: Environment;
  readonly envOf?: Readonly<Record<string, Environment>>;
  /** Services (by name) that reach Postgres, Redis and GitHub over wires that can be cut. */
  readonly wired?: readonly string[];
  /** Megabytes of a volume of its own that something lies on, to be filled. */
  readonly volumes?: Partial<Readonly<Record<VolumeName, VolumeSize>>>;
  /** What the services are started from; made at the first start of a rig unless told. */
  readonly programs?: Programs | undefined;
  /** The database and the services are those of the version before, until the case brings this one. */
  readonly startsEarlier?: boolean;
  /** Leaves the services to the case; all of them are started otherwise. */
  readonly unstarted?: boolean;
}

/** `work`: the work folder of `agent-runner-1`. */
export type VolumeName = "postgres" | "redis" | "work";
interface VolumeSize {
  readonly megabytes: number;
  readonly inodes?: number;
}
export type WireName = "postgres" | "redis" | "github";

/** GitHub's own pace of writes would be most of each case. */
const WRITES_PER_MINUTE = 3_000;

/** How soon a runner hears of a cancel that nothing else tells it. */
export const HEARTBEAT_INTERVAL_SECONDS = 1;
/** Short enough for a case to see leases end. */
export const HEARTBEAT_TIMEOUT_SECONDS = 6;

/** Short enough for a case to take seconds, long enough for a busy machine to keep a lease. */
const quick: Environment = {
  HEARTBEAT_INTERVAL_SECONDS: String(HEARTBEAT_INTERVAL_SECONDS),
  HEARTBEAT_TIMEOUT_SECONDS: String(HEARTBEAT_TIMEOUT_SECONDS),
  POLLING_INTERVAL_SECONDS: "2",
  GITHUB_WRITES_PER_MINUTE: String(WRITES_PER_MINUTE),
  LOG_LEVEL: "info",
  METRICS: "open",
};

/** The whole product as processes on this machine, with servers of its own. */
export type Rig = Awaited<ReturnType<typeof startRig>>;

/** Starts everything on free ports of loopback; what it has started it ends, whatever happens. */
export async function startRig(options: RigOptions) {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse())
      await end().catch((error: unknown) => console.error(error)); // The others must end too.
  };
  try {
    return await build(options, (end) => closing.push(end), close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  options: RigOptions,
  onClose: (end: () => Promise<unknown>) => void,
  close: () => Promise<void>,
) {
  const surroundings = await makeSurroundings();
  const { folder, github, secrets } = surroundings;
  onClose(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  onClose(() => github.close());
  const volumes = await mountVolumes(folder, options, onClose);
  const postgres = await startRigPostgres(join(folder, "postgres"));
  onClose(() => postgres.close());
  const redis =
    options.backend === "redis" ? await startRedis(folder) : undefined;
  if (redis) onClose(() => redis.close());
  const programs = options.programs ?? (await servicePrograms());
  const earlier = options.startsEarlier ? await earlierPrograms() : undefined;
  const migrate = async ({ migrate: program }: Programs) => {
    const env = {
      DATABASE_URL: postgres.url,
      ...(redis ? { REDIS_URL: redis.url } : {}),
    };
    await promisify(execFile)(process.execPath, [program], { env });
  };
  await migrate(earlier ?? programs);
  const director = await startDirector(options.agentScript ?? diligent);
  onClose(() => director.close());
  const wires = await layWires(options, { postgres, redis, surroundings });
  onClose(() =>
    Promise.all([...wires.values()].map(({ link }) => link.close())),
  );

  const fleet = await Fleet.prepare({
    folder,
    programs: earlier ?? programs,
    replicas: {
      "webhook-gateway": 2,
      poller: 2,
      orchestrator: 2,
      "agent-runner": 2,
      api: 2,
      ...options.replicas,
    },
    env: (kind, name) => ({
      ...environmentOf(
        { surroundings, postgres, redis, director },
        (wire) => wires.get(`${name} ${wire}`)?.url,
      ),
      ...options.env,
      ...options.envOf?.[kind],
      ...options.envOf?.[name],
    }),
  });
  // What the next start of a runner would do.
  onClose(() => fleet.close().then(endOrphans));
  const gateway = fleet.of("webhook-gateway")[0];
  const hook = gateway
    ? github.createWebhook(REPOSITORY, {
        url: `${gateway.url}/webhooks/github`,
        secret: secrets.webhookSecret,
        events: ["issues", "issue_comment", "pull_request"],
      })
    : undefined;
  if (options.unstarted !== true) await fleet.start();

  return {
    ...requestsOf(surroundings, fleet, postgres),
    options,
    folder,
    github,
    secrets,
    /** GitHub's id of the webhook that leads to `webhook-gateway-1`. */
    hookId: hook?.id,
    postgres,
    /** Only on the Redis back end. */
    get redis(): OwnRedis {
      if (redis === undefined) throw new Error("This rig has no Redis.");
      return redis;
    },
    /** A command of `redis-cli`. */
    redisCommand: async (...command: string[]): Promise<string> => {
      const port = new URL(redis?.url ?? "").port;
      const { stdout } = await promisify(execFile)("redis-cli", [
        "-p",
        port,
        ...command,
      ]);
      return stdout.trim();
    },
    director,
    fleet,
    programs,
    /** Of the version before, where the rig begins with it. */
    get earlierPrograms(): Programs {
      if (earlier === undefined) throw new Error("This rig knows one version.");
      return earlier;
    },
    /** A deployment's own step, of one of the versions. */
    migrate,
    wire: (service: string, name: WireName): TcpLink => {
      const wire = wires.get(`${service} ${name}`);
      if (wire === undefined) throw new Error(`${service} is not wired.`);
      return wire.link;
    },
    volume: (name: VolumeName): Volume => {
      const volume = volumes.get(name);
      if (volume === undefined) throw new Error(`${name} has no volume.`);
      return volume;
    },
    close,
  };
}

async function startRedis(folder: string): Promise<OwnRedis> {
  const dataDir = join(folder, "redis");
  await mkdir(dataDir, { recursive: true });
  return startRedisServer(dataDir);
}

async function mountVolumes(
  folder: string,
  { volumes = {} }: RigOptions,
  onClose: (end: () => Promise<unknown>) => void,
): Promise<ReadonlyMap<string, Volume>> {
  const mounted = new Map<string, Volume>();
  for (const [name, size] of Object.entries(volumes)) {
    const place = name === "work" ? "work/agent-runner-1" : name;
    const volume = await mountVolume(join(folder, place), size);
    await chmod(volume.folder, 0o755);
    onClose(() => volume.close());
    mounted.set(name, volume);
  }
  return mounted;
}

interface Servers {
  readonly surroundings: Surroundings;
  readonly postgres: RigPostgres;
  readonly redis: OwnRedis | undefined;
}

async function layWires(
  { wired = [] }: RigOptions,
  { surroundings, postgres, redis }: Servers,
): Promise<Map<string, { link: TcpLink; url: string }>> {
  const targets: [WireName, string][] = [
    ["postgres", postgres.url],
    ["github", surroundings.github.url],
    ...(redis ? [["redis", redis.url] satisfies [WireName, string]] : []),
  ];
  const wires = new Map<string, { link: TcpLink; url: string }>();
  for (const service of wired)
    for (const [name, target] of targets)
      wires.set(`${service} ${name}`, await linkTo(target));
  return wires;
}

function environmentOf(
  { surroundings, postgres, redis, director }: Servers & { director: Director },
  overWire: (name: WireName) => string | undefined,
): Environment {
  const { github, secrets, agent } = surroundings;
  const server = new URL(overWire("github") ?? github.url).origin;
  const onServer = (url: string) => url.replace(github.url, server);
  return {
    PATH: process.env["PATH"] ?? "",
    HOST: "127.0.0.1",
    DATABASE_URL: overWire("postgres") ?? postgres.url,
    ...(redis ? { REDIS_URL: overWire("redis") ?? redis.url } : {}),
    GITHUB_API_URL: onServer(github.apiUrl),
    GITHUB_GRAPHQL_URL: onServer(github.graphqlUrl),
    GITHUB_SERVER_URL: server,
    GITHUB_TOKEN: secrets.token,
    GITHUB_WEBHOOK_SECRET: secrets.webhookSecret,
    PULLWRIGHT_API_KEY: secrets.apiKey,
    REPOSITORIES: REPOSITORY,
    AGENT: "command",
    AGENT_COMMAND: JSON.stringify([
      process.execPath,
      agent,
      director.port.toString(),
    ]),
    // In a sandbox where there is one: this only keeps the runner from refusing where there is none.
    ALLOW_UNSANDBOXED_AGENTS: "true",
    ...quick,
  };
}
