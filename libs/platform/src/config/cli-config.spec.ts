import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCliConfig } from "./cli-config.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pullwright-cli-config-"));
  await writeFile(join(folder, "api-key"), "pw_kept\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("an empty environment means the local API and no key", () => {
  const config = loadCliConfig({ WORK_DIR: join(folder, "nothing") });
  expect(config).toMatchObject({
    url: "http://127.0.0.1:8000",
    apiKey: undefined,
    isColourWanted: true,
  });
});

test("the key that the installation keeps is used, unless the environment names one", () => {
  expect(loadCliConfig({ WORK_DIR: folder }).apiKey).toBe("pw_kept");
  const named = { WORK_DIR: folder, PULLWRIGHT_API_KEY: "pw_named" };
  expect(loadCliConfig(named).apiKey).toBe("pw_named");
});

test("a slash at the end of the address does no harm, and NO_COLOR is heeded", () => {
  const config = loadCliConfig({
    PULLWRIGHT_URL: "https://pw.example.com/",
    NO_COLOR: "1",
  });
  expect(config.url).toBe("https://pw.example.com");
  expect(config.isColourWanted).toBe(false);
});
