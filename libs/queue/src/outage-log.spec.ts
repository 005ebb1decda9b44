import { expect, test } from "@jest/globals";
import { createLogger } from "@pullwright/platform";
import { OutageLog } from "./outage-log.js";

test("an outage is told once and its end once, however much it flaps", () => {
  const lines: string[] = [];
  const logger = createLogger({
    service: "spec",
    destination: { write: (line) => lines.push(line) },
  });
  const outage = new OutageLog(logger, "Redis");
  outage.worked();
  for (let round = 0; round < 50; round += 1) {
    outage.failed(new Error("gone"));
    outage.failed(new Error("gone"));
    outage.worked();
  }
  const messages = lines.map(
    (line) => (JSON.parse(line) as { msg: string }).msg,
  );
  expect(messages).toEqual(["Redis does not work", "Redis works again"]);
});
