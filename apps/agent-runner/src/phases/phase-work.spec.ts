import { expect, it } from "@jest/globals";
import { shippedWorkflows, type PhaseDefinition } from "@pullwright/domain";
import { knowsPhase } from "./phase-work.js";

const plan: PhaseDefinition = shippedWorkflows[0].phases[1];

it("knows every phase of the workflows that come with Pullwright", () => {
  for (const { phases } of shippedWorkflows)
    for (const definition of phases)
      expect([definition.name, knowsPhase({ definition })]).toEqual([
        definition.name,
        true,
      ]);
});

it("does not know an agent's phase without a prompt, whatever it may write", () => {
  expect(knowsPhase({ definition: { ...plan, name: "polish" } })).toBe(false);
});
