import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Rig } from "../rig/rig.js";
import { pause } from "./crowd.js";

/** The interval of a feed whose webhooks had worked until then. */
const RARE_POLL_MS = 10_000;
/** A busy machine is late with a poll and with what follows from it. */
const SLOW_MS = 5_000;

/** The poller asks every 2 seconds in this rig, or less often while webhooks prove themselves. */
export const lostWebhook: FaultCase = {
  number: 24,
  name: "a webhook lost, and one that races the poll",
  backends: bothBackends,
  async run(rig, random) {
    rig.github.webhooks.control({ kind: "lose" });
    await pause(random.between(0, 2_000)); // Anywhere between two polls.
    const lostAt = new Date();
    const lost = rig.ask();
    await rig.wait([lost]);
    const foundMs = await beganAfter(rig, lost, lostAt);
    if (foundMs > RARE_POLL_MS + SLOW_MS)
      throw new Error(`The poller found it after ${foundMs} ms.`);
    rig.github.webhooks.clear();
    rig.github.webhooks.control({
      kind: "delay",
      delayMs: random.between(500, 2_500),
    });
    const raced = Array.from({ length: 4 }, () => rig.ask("adw_plan"));
    const runs = await rig.wait(raced);
    await rig.github.settled();
    const wrong = runs.filter(({ status }) => status !== "completed");
    if (wrong.length > 0) throw new Error(JSON.stringify(wrong));
    const all = (await rig.runs()).filter(({ issueNumber }) =>
      [lost, ...raced].includes(issueNumber ?? 0),
    );
    if (all.length !== 5) throw new Error(`${all.length} runs of 5 labels.`);
    return [{ service: "poller", metric: /poller_deliveries_total\{/ }];
  },
};

/** Milliseconds until the issue had a run. */
async function beganAfter(
  { postgres }: Rig,
  issue: number,
  from: Date,
): Promise<number> {
  const [run] = await postgres.query<{ at: Date }>(
    "SELECT created_at AS at FROM workflow_runs WHERE issue_number = $1",
    [issue],
  );
  return (run?.at.getTime() ?? Infinity) - from.getTime();
}
