import { LiveView, type Screen } from "./live-view.js";
import { colours, noColours, type Paint } from "./paint.js";
import { PlainView } from "./plain-view.js";
import type { View } from "./view.js";

interface Output extends Screen {
  readonly isTTY?: boolean;
}

/** Colour and movement for people at a terminal, lines for everything else. */
export function chooseView(
  output: Output,
  { NO_COLOR, CI, TERM }: Readonly<Record<string, string | undefined>>,
): { view: View; paint: Paint } {
  const isPlain = [NO_COLOR, CI].some((value) => value) || TERM === "dumb";
  return output.isTTY && !isPlain
    ? { view: new LiveView(output, colours), paint: colours }
    : {
        view: new PlainView((text) => output.write(text)),
        paint: noColours,
      };
}
