import { isKillPoint, type KillPoint } from "./kill-points.js";

/** What happens where: read from `[stop:|block:<milliseconds>:]<name>[@<time>]`. */
export interface Strike {
  readonly point: KillPoint;
  /** It strikes when the point is reached for this time, counted from 1, and never again. */
  readonly time: number;
  readonly act:
    | { readonly kind: "kill" }
    /** As `kill -STOP` does, until somebody sends SIGCONT. */
    | { readonly kind: "stop" }
    /** Keeps the event loop busy. */
    | { readonly kind: "block"; readonly ms: number };
}

const SHAPE =
  /^(?:(?<stop>stop:)|block:(?<blockMs>\d{1,7}):)?(?<point>[a-z-]+\.[a-z-]+)(?:@(?<time>[1-9]\d{0,5}))?$/;

/** Reads the setting `KILL_POINT`; a sentence that says what is wrong when it is none. */
export function parseStrike(text: string): Strike | string {
  const parts = SHAPE.exec(text)?.groups;
  if (parts === undefined)
    return "must be the name of a kill point, such as runner.claimed, runner.claimed@2, stop:runner.claimed or block:5000:runner.claimed";
  const { stop, blockMs, point = "", time = "1" } = parts;
  if (!isKillPoint(point)) return `names ${point}, which is no kill point`;
  return {
    point,
    time: Number(time),
    act:
      blockMs !== undefined
        ? { kind: "block", ms: Number(blockMs) }
        : { kind: stop === undefined ? "kill" : "stop" },
  };
}

let armed: Strike | null = null;
let timesReached = 0;

/** Makes {@link reach} strike, in the whole process; null makes it harmless again. */
export function armKillPoint(strike: Strike | null): void {
  armed = strike;
  timesReached = 0;
}

/** Marks a moment at which a crash must lose and double nothing. Costs one comparison unless the fault suite has armed it. */
export function reach(point: KillPoint): void {
  if (armed === null || armed.point !== point) return;
  timesReached += 1;
  if (timesReached === armed.time) strike(armed);
}

function strike({ act }: Strike): void {
  switch (act.kind) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      break;
    case "stop":
      process.kill(process.pid, "SIGSTOP");
      break;
    case "block": {
      const endAtMs = performance.now() + act.ms;
      while (performance.now() < endAtMs);
    }
  }
}
