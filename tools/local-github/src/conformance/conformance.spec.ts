import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Octokit } from "@octokit/rest";
import { checkRequests, checkWebhook } from "../index.js";
import { routes } from "../rest/routes.js";
import { appJwt, at, REPO, startStage, type Stage } from "../spec/stage.js";
import { startReceiver } from "../spec/webhook-receiver.js";
import { restConformance, webhookConformance } from "./conformance.js";
import { webhookName } from "./webhook-conformance.js";

let stage: Stage;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  receiver = await startReceiver("s3cret");
  stage = await startStage();
  const app = stage.github.createApp({
    name: "Pull Wright",
    owner: "octo",
    permissions: {
      checks: "write",
      contents: "write",
      issues: "write",
      pull_requests: "write",
      statuses: "write",
    },
    events: ["check_run", "check_suite", "issues"],
    webhookUrl: receiver.url,
    webhookSecret: "s3cret",
  });
  const { installationId } = stage.github.installApp({
    appId: app.appId,
    repositories: [REPO],
  });
  await stage.octokit.rest.repos.createWebhook({
    ...at,
    config: { url: receiver.url, secret: "s3cret", content_type: "json" },
    events: ["*"],
  });
  await everyIssueOperation(stage.octokit);
  await everyCommitOperation(stage.octokit);
  await everyPullOperation(stage.octokit);
  await everyHookOperation(stage.octokit);
  await everyAppOperation(app.appId, app.privateKey, installationId);
  await everyMergeOperation(stage.octokit);
  await stage.github.settled();
});

afterAll(async () => {
  await stage.close();
  await receiver.close();
});

test("every route served is an operation that GitHub publishes, and each of those listed is served", () => {
  expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    [...restConformance().operationNames].sort(),
  );
});

test("every operation was asked for and answered with success", () => {
  const answered = new Set(
    stage.github
      .requests()
      .filter((entry) => entry.kind === "rest" && entry.status < 300)
      .map((entry) => restConformance().operationOf(entry)),
  );
  expect(
    restConformance().operationNames.filter((name) => !answered.has(name)),
  ).toEqual([]);
});

test("every request and every answer conforms to GitHub's published schemas", () => {
  expect(checkRequests(stage.github.requests())).toEqual([]);
});

test("every webhook emitted is signed and conforms to GitHub's published schemas", () => {
  expect(receiver.received.filter(({ isSigned }) => !isSigned)).toEqual([]);
  expect(
    receiver.received.flatMap(({ event, payload }) =>
      checkWebhook(event, payload),
    ),
  ).toEqual([]);
});

test("every webhook listed was emitted", () => {
  const emitted = new Set(
    receiver.received.map(({ event, payload }) => webhookName(event, payload)),
  );
  expect(
    webhookConformance().names.filter((name) => !emitted.has(name)),
  ).toEqual([]);
});

async function everyIssueOperation({ rest, request }: Octokit) {
  await request("GET /");
  await rest.meta.get();
  await rest.rateLimit.get();
  await rest.users.getAuthenticated();
  await rest.users.getByUsername({ username: "writer" });
  await rest.repos.get(at);
  await rest.repos.listCollaborators(at);
  await rest.repos.checkCollaborator({ ...at, username: "writer" });
  await rest.repos.getCollaboratorPermissionLevel({
    ...at,
    username: "triager",
  });
  await rest.issues.listAssignees(at);

  await rest.issues.createLabel({
    ...at,
    name: "adw",
    color: "0e8a16",
    description: "Run it",
  });
  await rest.issues.getLabel({ ...at, name: "ADW" });
  await rest.issues.listLabelsForRepo(at);
  const { data: issue } = await rest.issues.create({
    ...at,
    title: "sum subtracts",
    body: "It does.",
    labels: ["bug"],
    assignees: ["writer"],
  });
  const on = { ...at, issue_number: issue.number };
  await rest.issues.create({
    ...at,
    title: "Another",
    body: `See #${issue.number}`,
  });
  await rest.issues.addLabels({ ...on, labels: ["adw"] });
  await rest.issues.listLabelsOnIssue(on);
  await rest.issues.removeLabel({ ...on, name: "adw" });
  await rest.issues.setLabels({ ...on, labels: ["bug", "urgent"] });
  await rest.issues.removeAllLabels(on);
  await rest.issues.removeAssignees({ ...on, assignees: ["writer"] });
  await rest.issues.addAssignees({ ...on, assignees: ["triager"] });
  await rest.issues.update({
    ...on,
    title: "sum adds wrongly",
    body: "Still.",
  });
  await rest.issues.update({
    ...on,
    state: "closed",
    state_reason: "not_planned",
  });
  await rest.issues.update({ ...on, state: "open" });
  await rest.issues.get(on);
  await rest.issues.listForRepo({
    ...at,
    state: "all",
    labels: "",
    since: "2020-01-01T00:00:00Z",
  });

  const { data: comment } = await rest.issues.createComment({
    ...on,
    body: "Hello",
  });
  const talk = { ...at, comment_id: comment.id };
  await rest.issues.updateComment({ ...talk, body: "Hello again" });
  await rest.issues.getComment(talk);
  await rest.issues.listComments(on);
  await rest.issues.listCommentsForRepo({
    ...at,
    since: "2020-01-01T00:00:00Z",
    sort: "updated",
    direction: "desc",
  });
  await rest.reactions.createForIssueComment({ ...talk, content: "eyes" });
  await rest.reactions.listForIssueComment(talk);
  await rest.reactions.createForIssue({ ...on, content: "rocket" });
  const { data: events } = await rest.issues.listEventsForRepo(at);
  await rest.issues.getEvent({ ...at, event_id: events[0]?.id ?? 0 });
  await rest.issues.listEvents(on);
  await rest.issues.listEventsForTimeline(on);
  await rest.issues.listDependenciesBlockedBy(on);
  const { data: doomed } = await rest.issues.createComment({
    ...on,
    body: "Oops",
  });
  await rest.issues.deleteComment({ ...at, comment_id: doomed.id });
}

async function everyCommitOperation({ rest }: Octokit) {
  const sha = await stage.github.commitFiles(
    REPO,
    "fix",
    {
      "src/sum.js": "export const sum = (a, b) => a + b;\n",
      "src/new.js": "1;\n",
    },
    { author: "writer", message: "Fix sum" },
  );
  await rest.repos.listBranches(at);
  await rest.repos.getBranch({ ...at, branch: "fix" });
  await rest.repos.listCommits({ ...at, sha: "fix" });
  await rest.repos.getCommit({ ...at, ref: "fix" });
  await rest.repos.compareCommitsWithBasehead({
    ...at,
    basehead: "main...fix",
  });
  await rest.repos.getContent({ ...at, path: "src/sum.js", ref: "fix" });
  await rest.repos.getContent({ ...at, path: "src" });
  await rest.repos.getContent({ ...at, path: "" });
  await rest.git.getRef({ ...at, ref: "heads/fix" });
  await rest.git.listMatchingRefs({ ...at, ref: "heads/" });
  await rest.git.createRef({ ...at, ref: "refs/heads/other", sha });
  const main = await rest.git.getRef({ ...at, ref: "heads/main" });
  await rest.git.updateRef({
    ...at,
    ref: "heads/other",
    sha: main.data.object.sha,
    force: true,
  });
  await rest.git.deleteRef({ ...at, ref: "heads/other" });
  await rest.repos.createCommitStatus({
    ...at,
    sha,
    state: "pending",
    context: "pullwright",
    description: "Building",
  });
  await rest.repos.createCommitStatus({
    ...at,
    sha,
    state: "success",
    context: "pullwright",
    target_url: "https://example.com/run",
  });
  await rest.repos.getCombinedStatusForRef({ ...at, ref: sha });
  await rest.repos.listCommitStatusesForRef({ ...at, ref: "fix" });
}

async function everyPullOperation({ rest, graphql }: Octokit) {
  const { data: pull } = await rest.pulls.create({
    ...at,
    title: "Fix sum",
    body: "Fixes #1",
    head: "fix",
    base: "main",
    draft: true,
  });
  const on = { ...at, pull_number: pull.number };
  await rest.pulls.get(on);
  await rest.pulls.list({
    ...at,
    head: "octo:fix",
    base: "main",
    state: "open",
  });
  await rest.pulls.update({
    ...on,
    title: "Fix the sum",
    body: "Fixes #1, with a test",
  });
  await rest.pulls.listFiles(on);
  await rest.pulls.listCommits(on);
  await rest.pulls.requestReviewers({ ...on, reviewers: ["writer"] });
  await rest.pulls.listRequestedReviewers(on);
  await rest.pulls.removeRequestedReviewers({ ...on, reviewers: ["writer"] });
  await stage
    .of("writer")
    .rest.pulls.createReview({ ...on, event: "APPROVE", body: "Good" });
  await rest.pulls.listReviews(on);
  const asIssue = { ...at, issue_number: pull.number };
  await rest.issues.addLabels({ ...asIssue, labels: ["adw"] });
  await rest.issues.removeLabel({ ...asIssue, name: "adw" });
  await rest.issues.addAssignees({ ...asIssue, assignees: ["writer"] });
  await rest.issues.removeAssignees({ ...asIssue, assignees: ["writer"] });
  await rest.issues.createComment({
    ...asIssue,
    body: "On a pull request, see #1",
  });
  await stage.github.commitFiles(
    REPO,
    "fix",
    { "test/sum.js": "test;\n" },
    { author: "writer", message: "Test sum" },
  );

  const change = (name: string) =>
    `mutation($id: ID!) { ${name}(input: { pullRequestId: $id }) { pullRequest { isDraft url } } }`;
  await graphql(change("markPullRequestReadyForReview"), { id: pull.node_id });
  await graphql(change("convertPullRequestToDraft"), { id: pull.node_id });
  await graphql(
    `
      query ($id: ID!) {
        viewer {
          login
        }
        rateLimit {
          remaining
          resetAt
        }
        node(id: $id) {
          id
          ... on PullRequest {
            number
            mergeable
            author {
              login
            }
          }
        }
        repository(owner: "octo", name: "sample") {
          nameWithOwner
          issue(number: 1) {
            title
            state
          }
        }
      }
    `,
    { id: pull.node_id },
  );

  await rest.issues.listEventsForTimeline(asIssue);
  await rest.issues.listEventsForTimeline({ ...at, issue_number: 1 });
  await rest.pulls.update({ ...on, state: "closed" });
  await rest.pulls.update({ ...on, state: "open" });
  await rest.issues.listForRepo(at);
}

async function everyHookOperation({ rest }: Octokit) {
  const { data: hooks } = await rest.repos.listWebhooks(at);
  const hook = { ...at, hook_id: hooks[0]?.id ?? 0 };
  await rest.repos.getWebhook(hook);
  await rest.repos.updateWebhook({ ...hook, active: true });
  await rest.repos.pingWebhook(hook);
  await stage.github.settled();
  const { data: log } = await rest.repos.listWebhookDeliveries(hook);
  const delivery = { ...hook, delivery_id: log[0]?.id ?? 0 };
  await rest.repos.getWebhookDelivery(delivery);
  await rest.repos.redeliverWebhookDelivery(delivery);
  const { data: spare } = await rest.repos.createWebhook({
    ...at,
    config: { url: "http://127.0.0.1:9/" },
  });
  await rest.repos.deleteWebhook({ ...at, hook_id: spare.id });
}

async function everyAppOperation(
  appId: number,
  privateKey: string,
  installationId: number,
) {
  const app = stage.as(appJwt(appId, privateKey)).rest.apps;
  await app.getAuthenticated();
  await app.listInstallations();
  await app.getInstallation({ installation_id: installationId });
  await app.getRepoInstallation(at);
  await stage.github.settled();
  await app.getWebhookConfigForApp();
  const { data: log } = await app.listWebhookDeliveries();
  await app.getWebhookDelivery({ delivery_id: log[0]?.id ?? 0 });
  await app.redeliverWebhookDelivery({ delivery_id: log[0]?.id ?? 0 });
  const { data } = await app.createInstallationAccessToken({
    installation_id: installationId,
    repositories: ["sample"],
    permissions: { checks: "write", issues: "write" },
  });

  const { rest } = stage.as(data.token);
  await rest.apps.listReposAccessibleToInstallation();
  const branches = await stage.github.branches(REPO);
  const { data: run } = await rest.checks.create({
    ...at,
    name: "tests",
    head_sha: branches.get("fix") ?? "",
    status: "in_progress",
  });
  await rest.checks.update({
    ...at,
    check_run_id: run.id,
    conclusion: "success",
    output: { title: "Passed", summary: "12 tests" },
  });
  await rest.checks.get({ ...at, check_run_id: run.id });
  await rest.checks.listForRef({ ...at, ref: "fix" }).catch(() => undefined);
  await rest.issues.createComment({
    ...at,
    issue_number: 1,
    body: "From the App",
  });
}

async function everyMergeOperation({ rest }: Octokit) {
  await stage.github.commitFiles(
    REPO,
    "more",
    { "more.js": "2;\n" },
    { author: "writer", message: "More" },
  );
  const { data: pull } = await rest.pulls.create({
    ...at,
    title: "More",
    body: "Fixes #1",
    head: "more",
    base: "main",
  });
  await rest.pulls.merge({
    ...at,
    pull_number: pull.number,
    merge_method: "squash",
    sha: pull.head.sha,
  });
  await rest.pulls.checkIfMerged({ ...at, pull_number: pull.number });
  await rest.pulls.get({ ...at, pull_number: pull.number });
}
