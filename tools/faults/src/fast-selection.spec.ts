import {
  afterAll,
  beforeAll,
  describe,
  expect,
  jest,
  test,
} from "@jest/globals";
import { hasRedisServer } from "@pullwright/testing";
import { catalogue } from "./catalogue.js";
import type { Backend } from "./rig/rig.js";
import { CaseRunner } from "./run-cases.js";

jest.setTimeout(300_000);

/** A few of the faults at every change; `npm run test:faults` is the whole suite. Redis is its own, where there is one. */
const selection: Partial<Record<Backend, readonly number[]>> = {
  ...(hasRedisServer() ? { redis: [1, 9, 18, 24] } : {}),
  postgres: [9, 18],
};

describe.each(Object.entries(selection) as [Backend, readonly number[]][])(
  "several processes of every service, with the queue on %s",
  (backend, numbers) => {
    let runner: CaseRunner;
    const told: string[] = [];
    beforeAll(() => {
      runner = new CaseRunner({ log: (text) => told.push(text) });
    });
    afterAll(() => runner.close());

    const chosen = catalogue.filter(({ number }) => numbers.includes(number));
    test.each(chosen)("withstand: $name", async (fault) => {
      const { error, violations } = await runner.run(fault, backend, 1);
      expect({ error, violations }).toEqual({ error: null, violations: [] });
    });

    test("whoever asks for its end has waited for it, also the second", async () => {
      let hasEnded = false;
      void runner.close().then(() => (hasEnded = true));
      await runner.close();
      expect(hasEnded).toBe(true);
    });
  },
);
