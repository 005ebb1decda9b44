import { describe, expect, it } from "@jest/globals";
import type { AgentEvent } from "@pullwright/contracts";
import type { Activity } from "@pullwright/sandbox";
import { SignsOfLife } from "./signs-of-life.js";

const raw = (line: string): AgentEvent => ({
  type: "raw",
  stream: "stdout",
  line,
});
const started = (id: string): AgentEvent => ({
  type: "tool_started",
  call_id: id,
  name: "Bash",
  kind: "execute",
});
const finished = (id: string): AgentEvent => ({
  type: "tool_finished",
  call_id: id,
  status: "ok",
});

/** For how long each event counts beyond itself; nothing for an event that counts for nothing. */
function signs(speaksInLines: boolean, events: readonly AgentEvent[]) {
  const seen: number[] = [];
  const activity: Pick<Activity, "touch"> = {
    touch: (quietMs) => void seen.push(quietMs ?? NaN),
  };
  const life = new SignsOfLife(activity, { speaksInLines, quietToolMs: 60 });
  for (const event of events) life.see(event);
  return seen;
}

describe("signs of life", () => {
  it("are all events, and the lines of an agent that speaks in lines", () => {
    const said: AgentEvent[] = [{ type: "text", text: "Hm." }, raw("working")];
    expect(signs(true, said)).toEqual([0, 0]);
  });

  it("are not the lines beside the events of an agent that speaks in events", () => {
    expect(signs(false, [raw("keep-alive"), raw('{"type":"ping"}')])).toEqual(
      [],
    );
  });

  it.each(["", "   ", "\t\r", "\u001b[2K\u001b[1G", "\u200b", "\u0007"])(
    "are not lines with nothing to read: %j",
    (line) => {
      expect(signs(true, [raw(line)])).toEqual([]);
      expect(signs(true, [started("a"), raw(line)])).toEqual([60]);
    },
  );

  it("are the lines of a tool that runs, which may be quiet for longer", () => {
    const build = [started("a"), raw("compiled 3 of 9"), finished("a")];
    expect(signs(false, [...build, raw("noise")])).toEqual([60, 60, 0]);
  });

  it("last while one of several tools still runs", () => {
    const tools = [started("a"), started("b"), finished("a"), raw("tick")];
    expect(signs(false, [...tools, finished("b"), raw("tick")])).toEqual([
      60, 60, 60, 60, 0,
    ]);
  });
});
