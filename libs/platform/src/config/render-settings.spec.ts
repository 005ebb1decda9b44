import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { loadConfig } from "./load-config.js";
import {
  renderConfigurationPage,
  renderEnvExample,
} from "./render-settings.js";
import { settings } from "./settings.js";

const committed = (path: string) =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

test(".env.example is the one the settings make", () => {
  expect(committed(".env.example")).toBe(renderEnvExample());
});

test("docs/configuration.md is the one the settings make", () => {
  expect(committed("docs/configuration.md")).toBe(renderConfigurationPage());
});

test.each(Object.keys(settings))("%s is documented", (name) => {
  expect(renderEnvExample()).toContain(`\n#${name}=`);
  expect(renderConfigurationPage()).toContain(`| \`${name}\``);
});

test("every default in .env.example is accepted and changes nothing", () => {
  const environment = Object.fromEntries(
    Object.entries(settings).map(([name, { defaultText }]) => [
      name,
      defaultText,
    ]),
  );
  expect(loadConfig(environment)).toEqual(loadConfig({}));
});

test("every example is accepted", () => {
  const examples = Object.entries(settings).map(
    ([name, { example }]) => [name, example] as const,
  );
  const environment = Object.fromEntries(
    examples.filter(([, example]) => example !== undefined),
  );
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  expect(() =>
    loadConfig({
      ...environment,
      GITHUB_APP_PRIVATE_KEY: privateKey
        .export({ type: "pkcs1", format: "pem" })
        .toString(),
      DEBUG: "true",
    }),
  ).not.toThrow();
});
