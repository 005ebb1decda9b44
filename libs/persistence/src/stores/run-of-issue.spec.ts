import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";

let sut: StoresUnderTest;
beforeEach(async () => {
  sut = await storesOnAClone();
});
afterEach(() => sut.close());

const ISSUE = 7;
const PULL_REQUEST = 12;
const by = { actor: "ada" };

const cancel = (id: string) =>
  sut.stores.transitions.apply(id, {
    event: { type: "cancel_requested", by: "ada", reason: null },
    by,
  });
const retry = (id: string) =>
  sut.stores.transitions.apply(id, {
    event: { type: "retry_requested", by: "ada", phase: null },
    by,
  });

async function anEndedRun(): Promise<string> {
  const { id } = await sut.createRun({ issueNumber: ISSUE });
  await cancel(id);
  return id;
}

const ofIssue = async () =>
  (await sut.stores.runs.latestOfIssue(sut.repository.id, ISSUE))?.id;

test("an issue's latest run is the live one, or the one that was live last, whichever was made first", async () => {
  const older = await anEndedRun();
  const newer = await anEndedRun();
  expect(await ofIssue()).toBe(newer);
  await retry(older);
  expect(await ofIssue()).toBe(older);
  await cancel(older);
  expect(await ofIssue()).toBe(older);
  await retry(newer);
  expect(await ofIssue()).toBe(newer);
});

test("a pull request of two runs is that of the live one, whichever was made first", async () => {
  const older = await anEndedRun();
  const newer = await anEndedRun();
  await sut.database.pool.query(
    "UPDATE workflow_runs SET pull_request_number = $1",
    [PULL_REQUEST],
  );
  const owner = async () => {
    const { ledger, runs } = sut.stores;
    const adwId = await ledger.ownerOfUnmerged(sut.repository.id, PULL_REQUEST);
    return adwId === null ? null : (await runs.byAdwId(adwId))?.id;
  };
  expect(await owner()).toBe(newer);
  await retry(older);
  expect(await owner()).toBe(older);
});
