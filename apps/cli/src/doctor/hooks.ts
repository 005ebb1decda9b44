import {
  isGitHubError,
  type GitHub,
  type Hook,
  type HookAnswer,
  type RepositoryName,
} from "@pullwright/github";
import { messageOf, type Config } from "@pullwright/platform";
import { ok, warn, type Finding } from "./check.js";

/** Where our gateway listens; there may be other webhooks besides. */
const GATEWAY_PATH = "/webhooks/github";
const NEEDED_EVENTS = ["issues", "issue_comment", "pull_request"];

interface Trouble {
  readonly detail: string;
  readonly mend: string;
}

/** Looks at how GitHub is set up to tell us of its events. Nothing here is a failure: the poller does without. */
export async function checkHooks(
  github: Pick<GitHub, "isApp" | "hooks">,
  { polling }: Pick<Config, "polling">,
  repositories: readonly RepositoryName[],
): Promise<Finding[]> {
  const without = polling.enabled
    ? "the poller alone finds work."
    : "POLLING is off here, so that only another process may find work.";
  if (github.isApp) {
    const own = await look("webhook App", async () => {
      const hook = await github.hooks.ofApp();
      return hook && leadsToUs(hook) ? judge("webhook App", [hook]) : undefined;
    });
    if (own) return [own];
  }
  const found = repositories.map(({ owner, name }) => {
    const check = `webhook ${owner}/${name}`;
    return look(check, async () => {
      const hooks = await github.hooks.ofRepository({ owner, name });
      const ours = hooks.filter(leadsToUs);
      if (ours.length > 0) return judge(check, ours);
      return warn(
        check,
        `None of GitHub's webhooks leads to …${GATEWAY_PATH}: ${without}`,
        "Set one up as docs/github-permissions.md says, or leave it at that without a public address.",
      );
    });
  });
  return (await Promise.all(found)).filter((finding) => finding !== undefined);
}

/** Looks, and makes a finding of what GitHub refuses. */
async function look(
  check: string,
  at: () => Promise<Finding | undefined>,
): Promise<Finding | undefined> {
  try {
    return await at();
  } catch (error) {
    if (!isGitHubError(error)) throw error;
    const isHidden = error.fault === "forbidden" || error.fault === "not_found";
    return isHidden
      ? warn(
          check,
          "Webhooks are not shown to us, so none was checked; the poller finds what none tells.",
          "To have it checked, give the credentials Webhooks: read, and a token's user the role admin; see docs/github-permissions.md.",
        )
      : warn(check, messageOf(error), "Run the doctor again.");
  }
}

const leadsToUs = ({ url }: Hook): boolean =>
  url.replace(/\/+$/, "").endsWith(GATEWAY_PATH);

/** One that is well is enough. */
function judge(check: string, hooks: readonly Hook[]): Finding | undefined {
  const [first, ...others] = hooks;
  if (first === undefined) return undefined;
  const trouble = troubleOf(first);
  if (trouble === undefined) return ok(check, describe(first));
  const better = others.find((hook) => troubleOf(hook) === undefined);
  return better
    ? ok(check, describe(better))
    : warn(check, `${first.url} ${trouble.detail}.`, trouble.mend);
}

function troubleOf(hook: Hook): Trouble | undefined {
  if (hook.isActive === false)
    return {
      detail: "is not active",
      mend: "Activate it in the repository's settings on GitHub.",
    };
  if (hook.contentType !== "json")
    return {
      detail: `sends its payload as ${hook.contentType}, which the gateway refuses`,
      mend: "Set its content type to application/json on GitHub.",
    };
  const missing = hook.events.includes("*")
    ? []
    : NEEDED_EVENTS.filter((event) => !hook.events.includes(event));
  if (missing.length > 0)
    return {
      detail: `does not send ${missing.join(", ")}`,
      mend: "Select these events on GitHub.",
    };
  if (hook.lastAnswer === undefined || isTaken(hook.lastAnswer))
    return undefined;
  const { status, text } = hook.lastAnswer;
  return {
    detail: `was last answered ${status.toString()} (${text})`,
    mend:
      status === 401
        ? "Set GITHUB_WEBHOOK_SECRET to the secret of this webhook."
        : "GitHub must reach the gateway at this address; its recent deliveries are shown beside the webhook on GitHub.",
  };
}

const isTaken = ({ status }: HookAnswer) => status >= 200 && status < 400;

function describe({ url, lastAnswer, isActive }: Hook): string {
  const sent = lastAnswer
    ? `was last answered ${lastAnswer.status.toString()}`
    : "nothing was sent yet";
  const active = isActive
    ? "active"
    : "whether it is active GitHub tells no App";
  return `${url}: ${active}; ${sent}`;
}
