import { expect, test } from "@jest/globals";
import { once } from "node:events";
import { freePort } from "./free-port.js";
import { startTypescript } from "./typescript-process.js";

/** Among 20,000 ports so many, drawn at random by each of two, would be different once in 10^21 times. */
const EACH = 700;

test("no port is given twice, here or in another process, before anybody listens on it", async () => {
  const program = new URL("__fixtures__/take-ports.ts", import.meta.url);
  const other = startTypescript(program, [EACH.toString()], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [theirs] = (await once(other, "message")) as [number[]]; // All that it sends.
  const ours = await Promise.all(Array.from({ length: EACH }, freePort));
  other.disconnect();
  await once(other, "exit");
  expect(theirs).toHaveLength(EACH);
  expect(new Set([...ours, ...theirs]).size).toBe(2 * EACH);
});
