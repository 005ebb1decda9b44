import { bothBackends, type FaultCase } from "../fault-case.js";
import { REPOSITORY } from "../rig/surroundings.js";
import { pause } from "./crowd.js";

const DELIVERIES = 30;

/** Away for some 2 to 4 seconds instead of 60: all deliveries are sent in that time. */
export const postgresDown: FaultCase = {
  number: 9,
  name: "Postgres down while webhooks come",
  backends: bothBackends,
  async run(rig, random) {
    await rig.postgres.crash();
    const issues = Array.from({ length: 6 }, () => rig.ask("adw_plan"));
    const answers = await Promise.all(
      Array.from({ length: DELIVERIES }, (_, number) =>
        rig.deliver("issues", {
          action: "labeled",
          label: { name: "adw" },
          number,
          repository: { id: 1, full_name: REPOSITORY },
        }),
      ),
    );
    const wrong = answers.filter(({ status }) => status !== 503);
    if (wrong.length > 0)
      throw new Error(`Answered without Postgres: ${JSON.stringify(wrong)}`);
    await rig.github.settled();
    await pause(random.between(1_000, 3_000));
    await rig.postgres.restart();
    // Nobody delivers again: the poller has to find them.
    const runs = await rig.wait(issues);
    const failed = runs.filter(({ status }) => status !== "completed");
    if (failed.length > 0) throw new Error(JSON.stringify(failed));
    return [
      {
        service: "webhook-gateway",
        metric: /webhook_requests_total\{[^}]*503/,
      },
    ];
  },
};
