import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // V8 gives no type for it.

/** What is held for good; how much memory Node takes before it collects is the machine's affair. */
export function keptBytes(): number {
  collectGarbage();
  collectGarbage(); // What the first one only marked, such as the memory behind buffers.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
