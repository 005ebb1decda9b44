import { Initial1795200000000 } from "./1795200000000-initial.js";
import { Money1795300100000 } from "./1795300100000-money.js";
import { Breakers1795300200000 } from "./1795300200000-breakers.js";
import { GithubQuota1795300400000 } from "./1795300400000-github-quota.js";
import { Dispatch1795300300000 } from "./1795300300000-dispatch.js";
import { RetentionAndAudit1795300600000 } from "./1795300600000-retention-and-audit.js";
import { OpenPullRequests1795300700000 } from "./1795300700000-open-pull-requests.js";
import { PayloadsAsTheyAre1795300800000 } from "./1795300800000-payloads-as-they-are.js";
import { RequestsOfCauses1795300900000 } from "./1795300900000-requests-of-causes.js";
import { CountedFailures1795301000000 } from "./1795301000000-counted-failures.js";
import { WriteTurns1795301100000 } from "./1795301100000-write-turns.js";
import { KeptSums1795301200000 } from "./1795301200000-kept-sums.js";
import { VersionsOfBudgets1795301300000 } from "./1795301300000-versions-of-budgets.js";
import { LedgerBySettlement1795301400000 } from "./1795301400000-ledger-by-settlement.js";
import { TakesOfDeliveries1795301500000 } from "./1795301500000-takes-of-deliveries.js";

/** In the order in which they run. */
export const migrations = [
  Initial1795200000000,
  Money1795300100000,
  Breakers1795300200000,
  Dispatch1795300300000,
  GithubQuota1795300400000,
  RetentionAndAudit1795300600000,
  OpenPullRequests1795300700000,
  PayloadsAsTheyAre1795300800000,
  RequestsOfCauses1795300900000,
  CountedFailures1795301000000,
  WriteTurns1795301100000,
  KeptSums1795301200000,
  VersionsOfBudgets1795301300000,
  LedgerBySettlement1795301400000,
  TakesOfDeliveries1795301500000,
];
