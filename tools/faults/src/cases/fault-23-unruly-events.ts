import { randomUUID } from "node:crypto";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Rig } from "../rig/rig.js";

const COPIES = 50;

const DAY_MS = 86_400_000;

/** Signed by hand, as GitHub never would: the same event under many ids, in any order, and late. */
export const unrulyEvents: FaultCase = {
  number: 23,
  name: "events doubled, out of order and late",
  backends: bothBackends,
  async run(rig, random) {
    rig.github.webhooks.control({ kind: "drop" });
    const issue = rig.ask();
    await rig.github.settled();
    const labeled = rig.github
      .deliveries(rig.hookId ?? 0)
      .findLast(({ action }) => action === "labeled")?.request.payload;
    const about = (action: string) => ({ ...(labeled as object), action }); // GitHub's own event.
    const actions = ["opened", "labeled", "edited", "closed"];
    const events = random.shuffle([
      ...actions,
      ...Array.from({ length: COPIES }, () => "labeled"),
    ]);
    const same = randomUUID();
    await Promise.all(
      events.map((action, index) =>
        rig.deliver(
          "issues",
          about(action),
          index % 2 === 0 ? {} : { guid: same },
        ),
      ),
    );
    const [run] = await rig.wait([issue]);
    // `closed` was a lie: GitHub, asked again, says that the issue is open.
    if (run?.status !== "completed") throw new Error(JSON.stringify(run));
    await rig.deliver("issues", daysOld(about("labeled"), 3));
    await until(async () => (await unhandledIn(rig)) === 0, "all are handled");
    const runs = (await rig.runs()).filter(
      ({ issueNumber }) => issueNumber === issue,
    );
    if (runs.length !== 1) throw new Error(`${runs.length} runs of one label.`);
    return [
      {
        service: "orchestrator",
        metric: /deliveries_total\{[^}]*verdict="ignored"/,
      },
    ];
  },
};

/** The same event as it would have been sent so long ago: only its times differ. */
function daysOld(event: object, days: number): object {
  return JSON.parse(
    JSON.stringify(event, (key, value: unknown) =>
      key.endsWith("_at") && typeof value === "string"
        ? new Date(Date.parse(value) - days * DAY_MS).toISOString()
        : value,
    ),
  ) as object; // What was one stays one.
}

async function unhandledIn({ postgres }: Rig): Promise<number> {
  const open = await postgres.query(
    "SELECT FROM deliveries WHERE handled_at IS NULL",
  );
  return open.length;
}
