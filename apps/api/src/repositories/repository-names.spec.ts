import { describe, expect, test } from "@jest/globals";
import { endpoints } from "@pullwright/contracts";
import { parseRepositoryName } from "@pullwright/github";
import { loadConfig } from "@pullwright/platform";

/** What each boundary says of a name: whether it takes it. */
const boundaries: Readonly<Record<string, (fullName: string) => boolean>> = {
  "the setting REPOSITORIES": (fullName) => {
    try {
      return loadConfig({ REPOSITORIES: fullName }).repositories.length === 1;
    } catch {
      return false;
    }
  },
  "the client of GitHub": (fullName) =>
    parseRepositoryName(fullName) !== undefined,
  "the API's bodies": (repository) =>
    endpoints.registerRepository.body.safeParse({ repository }).success,
  "the API's paths": (fullName) => {
    const [owner, name, ...more] = fullName.split("/");
    const { params } = endpoints.changeRepository;
    return more.length === 0 && params.safeParse({ owner, name }).success;
  },
};

const taken = [
  "octo-org/octo-repo",
  // Accounts that a company manages are `login_shortcode`.
  "mona_octo/shop",
  "0/-",
  "acme/_.-",
  "acme/...",
  "acme/.github",
  `${"o".repeat(100)}/${"n".repeat(100)}`,
];
const refused = [
  "acme",
  "acme/",
  "/shop",
  "acme/shop/main",
  "acme/.",
  "acme/..",
  "../shop",
  "./shop",
  "_acme/shop",
  "-acme/shop",
  "ac.me/shop",
  "acme/sh op",
  "acme/shöp",
  "acme/shop\nacme",
  `${"o".repeat(101)}/shop`,
  `acme/${"n".repeat(101)}`,
];

describe.each(Object.entries(boundaries))("%s", (_boundary, takes) => {
  test.each(taken)("takes %j", (fullName) => {
    expect(takes(fullName)).toBe(true);
  });

  test.each(refused)("refuses %j", (fullName) => {
    expect(takes(fullName)).toBe(false);
  });
});
