import { describe, expect, it } from "@jest/globals";
import { chooseRoute } from "./agent-route.js";

const installed = { agents: ["claude", "codex"], route: ["codex", "codex"] };

describe("a run's route of agents", () => {
  it("is the repository's wish, in its order, as far as there are such agents", () => {
    const wish = ["codex", "gemini", 7, "claude", "codex"];
    expect(chooseRoute(wish, installed)).toEqual(["codex", "claude"]);
  });

  it.each([undefined, null, "claude", [], ["gemini"], { 0: "claude" }])(
    "is the installation's where the wish is %j",
    (wish) => {
      expect(chooseRoute(wish, installed)).toEqual(["codex"]);
    },
  );
});
