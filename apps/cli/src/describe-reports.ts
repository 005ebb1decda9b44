import { costGroups, deliveryVerdicts } from "@pullwright/contracts";
import { Option, type Command as Program } from "commander";
import {
  adwId,
  atLeastOne,
  wholeNumber,
  type JsonOption,
} from "./command-arguments.js";
import type { Choose } from "./command-context.js";
import { showAudit } from "./commands/audit.js";
import { showCosts } from "./commands/costs.js";
import { listDeliveries } from "./commands/deliveries.js";

/** The commands that tell of the installation rather than of one run. */
export function describeReports(
  command: (usage: string, description: string) => Program,
  choose: Choose,
): void {
  command("costs", "show what runs cost")
    .addOption(
      new Option("--group-by <key>", "one line for each of these")
        .choices(costGroups)
        .default("run"),
    )
    .option("--from <day>", "from this day on, such as 2026-01-31, in UTC")
    .option("--to <day>", "before this day, in UTC")
    .option("--repo <owner/name>", "only of this repository")
    .option("--limit <count>", "at most so many", wholeNumber, 20)
    .action((options: CostOptions) =>
      choose((context) => {
        const { groupBy, from, to, repo, limit } = options;
        return showCosts(context, {
          groupBy,
          from,
          to,
          repository: repo,
          limit,
        });
      }, options.json === true),
    );

  command("deliveries", "list what GitHub told, and what became of it")
    .addOption(
      new Option(
        "--verdict <verdict>",
        "only these; open: not handled yet",
      ).choices(deliveryVerdicts),
    )
    .option("--repo <owner/name>", "only of this repository")
    .option("--limit <count>", "at most so many", wholeNumber, 20)
    .option("--cursor <cursor>", "go on where another list ended")
    .action((options: DeliveryOptions) =>
      choose((context) => {
        const { verdict, repo, limit, cursor } = options;
        const wish = { verdict, repository: repo, limit, cursor };
        return listDeliveries(context, wish);
      }, options.json === true),
    );

  command("audit", "tell who did what, newest first; as JSON one entry a line")
    .option("--from <moment>", "from then on, such as 2026-01-31T00:00:00Z")
    .option("--to <moment>", "before then")
    .option("--actor <name>", "only by this one, such as api:admin or a login")
    .option("--action <action>", "only this, such as run.deleted")
    .option("--repo <owner/name>", "only about this repository")
    .option("--run <adw_id>", "only about this run", adwId)
    .option(
      "--limit <count>",
      "at most so many (default: 20, or all as JSON)",
      atLeastOne,
    )
    .option("--cursor <cursor>", "go on where another list ended")
    .action((options: AuditOptions) =>
      choose((context) => {
        const { from, to, actor, action, repo, run, limit, cursor } = options;
        const what = { actor, action, repository: repo, adwId: run };
        return showAudit(context, { from, to, ...what, limit, cursor });
      }, options.json === true),
    );
}

interface CostOptions extends JsonOption {
  readonly groupBy: string;
  readonly from?: string;
  readonly to?: string;
  readonly repo?: string;
  readonly limit?: number;
}

interface DeliveryOptions extends JsonOption {
  readonly verdict?: string;
  readonly repo?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

interface AuditOptions extends JsonOption {
  readonly from?: string;
  readonly to?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly repo?: string;
  readonly run?: string;
  readonly limit?: number;
  readonly cursor?: string;
}
