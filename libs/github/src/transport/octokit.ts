import { Octokit } from "@octokit/rest";
import { messageOf } from "@pullwright/platform";
import type { Access } from "../auth/access.js";
import { GitHubError } from "../error/github-error.js";
import { WriteWithheld } from "../error/write-withheld.js";
import { refusalOf, silenceOf, type Answer } from "../error/translate.js";
import { describeCall, resourceOf, type GitHubCall } from "./github-call.js";
import type { QuotaGovernor } from "../quota/quota-governor.js";
import type { RequestClass } from "../quota/request-class.js";
import type { WritePacer } from "./write-pacer.js";

/** What a request passes on its way to GitHub. */
export interface Passage {
  /** Who asks; throws when there are no credentials. */
  readonly access: (call: GitHubCall) => Promise<Access>;
  /** The credentials were refused: forget them. */
  readonly onUnauthorized: (access: Access) => void;
  readonly governor: QuotaGovernor;
  /** Who gives a credential's writes their turns. */
  readonly pacerOf: (credential: string) => WritePacer;
  /** Asked last before a write is sent, when all waiting is over. */
  readonly mayWrite: () => boolean;
  readonly requestTimeoutMs: number;
  readonly now: () => number;
}

/** Octokit says nothing of its own: its log lines would go to the console and may hold addresses. */
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** GitHub keeps this version of its REST API stable. */
const API_VERSION = "2022-11-28";

/**
 * Composes the one Octokit: credentials, limits, pace, timeout, and errors in our own words.
 *
 * It repeats nothing. Retries are the domain's (DESIGN R9): a hidden one would outlast leases and double effects.
 */
export function composeOctokit(
  settings: { readonly apiUrl: string; readonly userAgent: string },
  requestClass: RequestClass,
  passage: Passage,
): Octokit {
  const octokit = new Octokit({
    baseUrl: settings.apiUrl,
    userAgent: settings.userAgent,
    log: silent,
  });
  octokit.hook.wrap("request", async (request, options) => {
    const call = describeCall(options);
    const access = await passage.access(call);
    const { governor } = passage;
    const credential = access.account;
    const pacer = passage.pacerOf(credential);
    const quota = { credential, resource: resourceOf(call) };
    const isPaced = call.isWrite && !call.isMinting;
    const send = async () => {
      await governor.admit(quota, requestClass);
      if (isPaced && !passage.mayWrite()) throw new WriteWithheld(call);
      // Changed in place: before-after-hook hands its own options to the wrappers further in, whatever we pass.
      options.headers.authorization = access.authorization;
      options.headers["x-github-api-version"] = API_VERSION;
      options.request = {
        ...options.request,
        signal: AbortSignal.timeout(passage.requestTimeoutMs),
      };
      const answer = await settle(call, access, async () =>
        request(options),
      ).catch((error: unknown) => {
        governor.unanswered(quota, requestClass);
        throw error;
      });
      const isLimited = await governor.observe(quota, requestClass, answer);
      if (isLimited) pacer.beCareful();
      if (answer.status === 401) passage.onUnauthorized(access);
      if (isLimited || answer.status >= 400)
        throw refusalOf(call, answer, passage.now());
      return answer;
    };
    // Also before the queue: a paused write need not wait for its turn to hear it.
    if (isPaced) await governor.admit(quota, requestClass);
    const answer = await (isPaced ? pacer.run(requestClass, send) : send());
    // The hook's type knows happy answers only; 304 is one for us. The call helps `read` to name an odd answer.
    return Object.assign(answer, { call }) as never;
  });
  return octokit;
}

/** Turns Octokit's thrown answers back into answers; what is left has no answer. */
async function settle(
  call: GitHubCall,
  access: Access,
  send: () => Promise<unknown>,
): Promise<Answer> {
  try {
    const answer = (await send()) as Answer; // Octokit's answers have these three fields.
    // GraphQL's refusals are happy answers to Octokit.
    return call.isGraphql ? withoutSecret(answer, access) : answer;
  } catch (error) {
    if (error instanceof Error && "response" in error && error.response)
      return withoutSecret(error.response as Answer, access); // RequestError carries the answer.
    if (error instanceof GitHubError) throw error;
    if (messageOf(error).includes(access.secret))
      throw silenceOf(call, new Error("fetch failed"));
    throw silenceOf(call, error);
  }
}

/** An answer may repeat what it was sent, and its text goes into our messages. */
function withoutSecret(answer: Answer, access: Access): Answer {
  // Octokit reads integers beyond 2^53 as bigint, which JSON does not take back.
  const text = JSON.stringify(answer.data, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  ) as string | undefined;
  if (!text?.includes(access.secret)) return answer;
  return {
    ...answer,
    data: JSON.parse(text.replaceAll(access.secret, "[redacted]")) as unknown,
  };
}
