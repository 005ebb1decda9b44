import { redisWiped } from "./cases/fault-01-redis-wiped.js";
import { redisCrash } from "./cases/fault-02-redis-crash.js";
import { redisAbsent } from "./cases/fault-03-redis-absent.js";
import { redisHung } from "./cases/fault-04-redis-hung.js";
import { redisFull } from "./cases/fault-05-redis-full.js";
import { evictionPolicy } from "./cases/fault-06-eviction-policy.js";
import { connectionChurn } from "./cases/fault-07-connection-churn.js";
import { postgresCrash } from "./cases/fault-08-postgres-crash.js";
import { postgresDown } from "./cases/fault-09-postgres-down.js";
import { postgresHung } from "./cases/fault-10-postgres-hung.js";
import { postgresDiskFull } from "./cases/fault-11-postgres-disk-full.js";
import { killPointCases } from "./cases/fault-12-kill-points.js";
import { zombieRunner } from "./cases/fault-13-zombie-runner.js";
import { zombieWorkers } from "./cases/fault-13-zombie-worker.js";
import { eventLoopBlocked } from "./cases/fault-14-event-loop-blocked.js";
import { drainsInTime, handsOver, toldTwice } from "./cases/fault-15-drain.js";
import { poisonPill } from "./cases/fault-16-poison-pill.js";
import { halfPush } from "./cases/fault-17-half-push.js";
import { answerLost } from "./cases/fault-18-answer-lost.js";
import {
  baseForceMoved,
  pushConflict,
} from "./cases/fault-19-push-conflict.js";
import {
  agentIsDeaf,
  agentMisbehaves,
} from "./cases/fault-28-agent-misbehaves.js";
import { rollingUpgrade } from "./cases/fault-29-rolling-upgrade.js";
import { twoVersions } from "./cases/fault-29-two-versions.js";
import {
  cancelDuringPush,
  cancelWithoutRedis,
  crossedCommands,
} from "./cases/fault-30-control-races.js";
import { partialCut } from "./cases/fault-20-partial-cut.js";
import { githubBroken } from "./cases/fault-21-github-broken.js";
import { rateLimits } from "./cases/fault-22-rate-limits.js";
import { unrulyEvents } from "./cases/fault-23-unruly-events.js";
import { lostWebhook } from "./cases/fault-24-lost-webhook.js";
import { replicas } from "./cases/fault-25-replicas.js";
import { workspaceFull } from "./cases/fault-26-workspace-full.js";
import { clockSkew } from "./cases/fault-27-clock-skew.js";
import type { FaultCase } from "./fault-case.js";

/** Every case, by number. */
export const catalogue: readonly FaultCase[] = [
  redisWiped,
  ...redisCrash,
  redisAbsent,
  redisHung,
  ...redisFull,
  evictionPolicy,
  connectionChurn,
  postgresCrash,
  postgresDown,
  postgresHung,
  postgresDiskFull,
  ...killPointCases,
  zombieRunner,
  ...zombieWorkers,
  eventLoopBlocked,
  drainsInTime,
  handsOver,
  toldTwice,
  poisonPill,
  halfPush,
  answerLost,
  pushConflict,
  baseForceMoved,
  ...partialCut,
  githubBroken,
  ...rateLimits,
  unrulyEvents,
  lostWebhook,
  replicas,
  ...workspaceFull,
  clockSkew,
  agentMisbehaves,
  agentIsDeaf,
  rollingUpgrade,
  twoVersions,
  cancelDuringPush,
  crossedCommands,
  cancelWithoutRedis,
];
