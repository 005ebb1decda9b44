import { execFileSync } from "node:child_process";
import type { Checkout } from "../checkout/checkout.js";
import { owner } from "./bench.js";

/** Does in a checkout what an agent does: as its user, by a shell. What the shell said. */
export function asAgent({ path }: Pick<Checkout, "path">, code: string, env: Readonly<Record<string, string>> = {}): string {
  return execFileSync("/bin/sh", ["-c", code], {
    cwd: path,
    encoding: "utf8",
    stdio: "pipe",
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", ...env },
    ...(owner ?? {}),
  });
}
