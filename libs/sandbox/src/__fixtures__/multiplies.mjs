// Starts a process every millisecond and never gives up; up to as many as the argument says, so that a broken test stays harmless.
import { spawn } from "node:child_process";
let left = Number(process.argv[2]);
const start = () => {
  const child = spawn("sleep", ["300"], { detached: left % 2 === 0, stdio: "ignore" });
  child.on("error", () => (left += 1));
  child.on("spawn", () => undefined);
};
const timer = setInterval(() => (left-- > 0 ? start() : clearInterval(timer)), 1);
setInterval(() => undefined, 1_000);
