import type { RunShape } from "@pullwright/contracts";
import { runView } from "./run-view.js";
import { line, type Terminal } from "./terminal.js";

/** Shows a run while it goes on. */
export interface LiveView {
  show(run: RunShape): void;
  /** Draws what has changed by itself, such as elapsed times. */
  tick(): void;
}

/** A table that is drawn over itself on a terminal; elsewhere one line for each change. */
export function liveView(terminal: Terminal): LiveView {
  return terminal.isInteractive ? drawnView(terminal) : lineView(terminal);
}

function drawnView(terminal: Terminal): LiveView {
  let drawn = 0;
  let latest: RunShape | undefined;
  const draw = () => {
    if (latest === undefined) return;
    const rows = runView(latest, terminal);
    const back = drawn > 0 ? `\u001b[${drawn.toString()}A` : "";
    terminal.out(`${back}\u001b[J${rows.join("\n")}\n`);
    drawn = rows.length;
  };
  return {
    show: (run) => {
      latest = run;
      draw();
    },
    tick: draw,
  };
}

function lineView(terminal: Terminal): LiveView {
  const said = new Map<string, string>();
  const say = (topic: string, text: string) => {
    if (said.get(topic) === text) return;
    said.set(topic, text);
    terminal.out(`${text}\n`);
  };
  return {
    show: (run) => {
      if (said.size === 0) say("run", `${run.adw_id} ${line(run.title)}`);
      run.phases.forEach((phase, index) => {
        if (phase.status === "pending" || phase.status === "skipped") return;
        const round =
          phase.round > 1 ? ` (round ${phase.round.toString()})` : "";
        const why = phase.error ?? (phase.completed_at ? phase.summary : null);
        const more = why ? `: ${line(why)}` : "";
        const topic = `${run.execution.toString()}/${index.toString()}/${phase.phase}${round}`;
        say(topic, `${line(phase.phase)}${round} ${phase.status}${more}`);
      });
      if (run.waiting)
        say(
          "wait",
          `waits for ${run.waiting.reason}: ${line(run.waiting.message)}`,
        );
      else said.delete("wait");
    },
    tick: () => undefined,
  };
}
