import { afterEach, expect, test } from "@jest/globals";
import { chooseView } from "./choose-view.js";
import type { View } from "./view.js";

let view: View | undefined;
afterEach(() => view?.close());

/** What is written for a note by the view that is chosen. */
function noted(isTTY: boolean, env: Readonly<Record<string, string>>): string {
  let written = "";
  const write = (text: string) => (written += text);
  const chosen = chooseView({ isTTY, write }, env);
  view = chosen.view;
  view.note(chosen.paint.bold("ready"));
  return written;
}

const escape = "\u001B";

test.each([
  { TERM: "xterm" },
  { NO_COLOR: "", CI: "" }, // Set to nothing is not set: https://no-color.org
])("people at a terminal get colour and movement: %j", (env) => {
  expect(noted(true, env)).toContain(escape);
});

test.each([
  [false, {}],
  [true, { NO_COLOR: "1" }],
  [true, { CI: "true" }],
  [true, { TERM: "dumb" }],
])(
  "everything else gets lines alone (a terminal: %s, %j)",
  (isTTY, environment) => {
    const written = noted(isTTY, environment);
    expect(written).toContain("ready");
    expect(written).not.toContain(escape);
  },
);
