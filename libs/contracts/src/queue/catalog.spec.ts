import { describe, expect, test } from "@jest/globals";
import {
  catalog,
  isJobName,
  jobIdOf,
  parsePayload,
  QUEUE_NAMES,
  type JobName,
  type QueueHandlers,
} from "./catalog.js";

const id = "0199d5a4-7a5e-7c3e-9f58-0c8b1f2a3b4c";
const samples = {
  "delivery.received": { v: 1, deliveryId: id },
  "phase.queued": { v: 1, phaseRunId: id, fence: 3 },
  "effect.due": { v: 1, effectId: id, rev: 7 },
} as const;
const names = Object.keys(catalog).filter(isJobName);

describe("the queue catalog", () => {
  test("names every queue exactly as the worker apps know them", () => {
    expect(new Set(names.map((name) => catalog[name].queue))).toEqual(
      new Set(QUEUE_NAMES),
    );
  });

  test.each(names)(
    "%s accepts its own payload and nothing more",
    (name: JobName) => {
      expect(parsePayload(name, samples[name])).toEqual(samples[name]);
      expect(() =>
        parsePayload(name, { ...samples[name], extra: true }),
      ).toThrow("Unrecognized key");
      expect(() => parsePayload(name, { ...samples[name], v: 2 })).toThrow(
        "expected 1",
      );
      expect(() => parsePayload(name, {})).toThrow("Invalid input");
    },
  );

  test.each(names)(
    "%s has a job id that BullMQ takes: no colon, not all digits",
    (name: JobName) => {
      const jobId = jobIdOf(name, samples[name]);
      expect(jobId).not.toContain(":");
      expect(jobId).toMatch(/\D/);
    },
  );

  test("gives the next claim of a phase an id of its own", () => {
    expect(jobIdOf("phase.queued", { v: 1, phaseRunId: id, fence: 3 })).toBe(
      `p_${id}_3`,
    );
    expect(jobIdOf("phase.queued", { v: 1, phaseRunId: id, fence: 4 })).toBe(
      `p_${id}_4`,
    );
  });

  test("knows no name that JavaScript brings along", () => {
    expect(isJobName("toString")).toBe(false);
    expect(isJobName("__proto__")).toBe(false);
  });
});

// Checked by tsc alone; each line must not compile.
export const wrongUses = () => {
  // @ts-expect-error -- an unknown job
  parsePayload("phase.finished", {});
  // @ts-expect-error -- a payload of another job
  jobIdOf("phase.queued", { v: 1, deliveryId: id });
  // @ts-expect-error -- a version that does not exist
  jobIdOf("delivery.received", { v: 2, deliveryId: id });
  // @ts-expect-error -- the queue's handler is missing
  const none: QueueHandlers<"phases"> = {};
  const foreign: QueueHandlers<"phases"> = {
    "phase.queued": () => Promise.resolve(),
    // @ts-expect-error -- a handler of another queue
    "effect.due": () => Promise.resolve(),
  };
  const misread: QueueHandlers<"effects"> = {
    // @ts-expect-error -- a handler that reads what the payload does not have
    "effect.due": ({ phaseRunId }) => Promise.resolve(phaseRunId),
  };
  return [none, foreign, misread];
};
