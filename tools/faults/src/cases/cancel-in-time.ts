import { strict as assert } from "node:assert";
import { HEARTBEAT_INTERVAL_SECONDS, type Rig } from "../rig/rig.js";
import { agentsOf, lastSeen } from "./agents-of.js";

/** What an agent has to end by itself once it is asked to. */
const GRACE_MS = 2_500;
/** A busy machine is late with the heartbeat, with the signals and with the end of a sandbox. */
const SLOW_MS = 3_000;

/** Cancels a run whose agent is at work; a heartbeat later the agent must be told, and after its grace be gone with its tree. */
export async function cancelInTime(rig: Rig, adwId: string): Promise<void> {
  const agents = await agentsOf([adwId]);
  assert(agents.length > 0, "no agent is at work");
  const { status } = await rig.api(`/api/workflows/${adwId}/cancel`, {
    method: "POST",
    body: {},
  });
  assert.equal(status, 200);
  const toldAt = Date.now();
  const tookMs = (await lastSeen([adwId], agents, toldAt)) - toldAt;
  const withinMs = HEARTBEAT_INTERVAL_SECONDS * 1_000 + GRACE_MS + SLOW_MS;
  assert(tookMs <= withinMs, `An agent lived for ${tookMs} ms after a cancel.`);
}
