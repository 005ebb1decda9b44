import { bothBackends, type FaultCase } from "../fault-case.js";

/** The poller asks every 2 seconds in this rig, or less often while webhooks prove themselves. */
export const lostWebhook: FaultCase = {
  number: 24,
  name: "a webhook lost, and one that races the poll",
  backends: bothBackends,
  async run(rig, random) {
    rig.github.webhooks.control({ kind: "lose" });
    const lost = rig.ask();
    await rig.wait([lost]);
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
