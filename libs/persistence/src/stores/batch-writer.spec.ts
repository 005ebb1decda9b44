import { expect, it } from "@jest/globals";
import { BatchWriter, type BatchLimits } from "./batch-writer.js";

function writer(change: Partial<BatchLimits<string>> = {}) {
  const batches: string[][] = [];
  const gates: (() => void)[] = [];
  const sut = new BatchWriter<string, string>(
    async (items) => {
      batches.push([...items]);
      await new Promise<void>((resolve) => gates.push(resolve));
      if (items.includes("down")) throw new Error("the server is away");
      if (items.includes("bad")) throw new Error(`refused: ${items.join()}`);
      return items.map((item) => item.toUpperCase());
    },
    {
      maxInFlight: 1,
      maxItems: 3,
      maxSize: 100,
      sizeOf: (item) => item.length,
      isItemsFault: (error) => !String(error).includes("away"),
      ...change,
    },
  );
  /** Lets writes end until nothing more begins. */
  const finish = async () => {
    while (gates.length > 0) {
      gates.shift()?.();
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
  };
  return { sut, batches, finish };
}

it("an item alone is written at once, and what arrives meanwhile goes together in its order", async () => {
  const { sut, batches, finish } = writer();
  const answers = Promise.all(["a", "b", "c", "d", "e"].map((x) => sut.add(x)));
  await finish();
  expect(await answers).toEqual(["A", "B", "C", "D", "E"]);
  expect(batches).toEqual([["a"], ["b", "c", "d"], ["e"]]);
});

it("a batch grows no larger than it may, but one large item goes alone", async () => {
  const { sut, batches, finish } = writer({ maxSize: 4 });
  const items = ["a", "bb", "cc", "dddddddd", "e"];
  const answers = Promise.all(items.map((x) => sut.add(x)));
  await finish();
  await answers;
  expect(batches).toEqual([["a"], ["bb", "cc"], ["dddddddd"], ["e"]]);
});

it("what may not go together goes one after the other, the longest waiting first", async () => {
  const sameLetter = (batch: readonly string[], item: string) =>
    batch.every((one) => one[0] === item[0]);
  const { sut, batches, finish } = writer({ fits: sameLetter });
  const items = ["a1", "b1", "a2", "b2", "c1", "b3", "a3"];
  const answers = Promise.all(items.map((x) => sut.add(x)));
  await finish();
  expect(await answers).toEqual(items.map((item) => item.toUpperCase()));
  expect(batches).toEqual([["a1"], ["b1", "b2", "b3"], ["a2", "a3"], ["c1"]]);
});

it("an item that is refused takes no other with it", async () => {
  const { sut, batches, finish } = writer();
  const answers = Promise.allSettled(
    ["a", "b", "bad", "c"].map((x) => sut.add(x)),
  );
  await finish();
  expect(await answers).toMatchObject([
    { value: "A" },
    { value: "B" },
    { status: "rejected", reason: { message: "refused: bad" } },
    { value: "C" },
  ]);
  expect(batches.slice(0, 2)).toEqual([["a"], ["b", "bad", "c"]]);
});

it("an outage fails the whole batch at once", async () => {
  const { sut, batches, finish } = writer();
  const answers = Promise.allSettled(
    ["a", "down", "b", "c"].map((x) => sut.add(x)),
  );
  await finish();
  expect((await answers).map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
    "rejected",
  ]);
  expect(batches).toHaveLength(2);
});
