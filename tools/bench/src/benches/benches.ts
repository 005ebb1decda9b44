import type { Bench } from "../bench.js";
import { firstAgentBench } from "./first-agent.bench.js";
import { gatewayBench } from "./gateway.bench.js";
import { githubQuotaBench } from "./github-quota.bench.js";
import { liveBench } from "./live.bench.js";
import { logPageBench } from "./log-page.bench.js";
import { logWriteBench } from "./log-write.bench.js";
import { peersBench } from "./peers.bench.js";
import { recoveryBench } from "./recovery.bench.js";
import { reconcilerBench } from "./reconciler.bench.js";
import { runsBench } from "./runs.bench.js";
import { workspaceBench } from "./workspace.bench.js";

/** In the order of the report; what others have built comes last, and only when it is asked for. */
export const benches: readonly Bench[] = [
  gatewayBench,
  runsBench,
  logWriteBench,
  logPageBench,
  liveBench,
  workspaceBench,
  reconcilerBench,
  recoveryBench,
  firstAgentBench,
  githubQuotaBench,
  peersBench,
];
