import { afterAll, beforeAll, expect, it } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

it("a claim that was long on its way is held for less", async () => {
  const { effects } = sut.stores;
  const [bell] = await effects.reply({
    repositoryId: sut.repository.id,
    issueNumber: 1,
    key: "a",
    body: "hello",
  });
  if (bell?.name !== "effect.due") throw new Error("Nothing rings.");
  const claiming = effects.claim(bell.payload.effectId, "me", 5_000);
  // The answer comes, and this process is busy with something else.
  const busyUntil = performance.now() + 500;
  while (performance.now() < busyUntil);
  const claimed = await claiming;
  expect(claimed?.leaseLeftMs()).toBeLessThan(4_700);
  expect(claimed?.leaseLeftMs()).toBeGreaterThan(0);
});
