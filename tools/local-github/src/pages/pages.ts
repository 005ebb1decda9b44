import { isPull, type PullIssue } from "../shapes/pull-shape.js";
import { iso } from "../shapes/time.js";
import { fullName } from "../state/full-name.js";
import type { Issue, Repository, User } from "../state/model.js";
import type { World } from "../state/world.js";
import { html, Html, page } from "./html.js";

/**
 * The page at a `html_url`: a repository, an issue or a pull request, plain but true, for who follows the address that
 * the demo prints. Nobody signs in here, and everything is shown.
 */
export async function pageAt(
  world: World,
  path: string,
): Promise<string | undefined> {
  const [, owner = "", name = "", kind, number] =
    /^\/([^/]+)\/([^/]+?)(?:\/(issues|pull)\/(\d+))?\/?$/.exec(path) ?? [];
  const repository = world.repositories.get(`${owner}/${name}`.toLowerCase());
  if (repository === undefined) return undefined;
  if (kind === undefined) return repositoryPage(repository);
  const issue = repository.issues.get(Number(number));
  return issue === undefined ? undefined : issuePage(repository, issue);
}

function repositoryPage(repository: Repository): string {
  const base = `/${fullName(repository)}`;
  const rows = [...repository.issues.values()].reverse().map(
    (issue) =>
      html`<li>
        <a href="${base}/${issue.pull ? "pull" : "issues"}/${issue.number}"
          >#${issue.number} ${issue.title}</a
        >
        ${stateOf(issue)} ${labelsOf(issue)}
      </li>`,
  );
  return page(
    fullName(repository),
    html`<h1>${fullName(repository)}</h1>
      <ul>
        ${rows}
      </ul>`,
  );
}

async function issuePage(
  repository: Repository,
  issue: Issue,
): Promise<string> {
  const comments = [...repository.comments.values()].filter(
    (comment) => comment.issue === issue,
  );
  const body = html`<p>
      <a href="/${fullName(repository)}">${fullName(repository)}</a>
    </p>
    <h1>${issue.title} #${issue.number}</h1>
    <p>${stateOf(issue)} ${labelsOf(issue)}</p>
    ${said(issue.author.user, issue.createdAt, issue.body ?? "")}
    ${comments.map((comment) => said(comment.author.user, comment.createdAt, comment.body))}
    ${isPull(issue) ? await changesOf(repository, issue) : ""}`;
  return page(`${issue.title} #${issue.number}`, body);
}

async function changesOf(
  repository: Repository,
  { pull }: PullIssue,
): Promise<Html> {
  const patch = await repository.git.text(
    "diff",
    "--no-color",
    "--no-ext-diff",
    `${pull.baseSha}...${pull.headSha}`,
    "--",
  );
  const statuses = repository.statuses.filter(
    ({ sha }) => sha === pull.headSha,
  );
  const checks = [...repository.checkRuns.values()].filter(
    ({ sha }) => sha === pull.headSha,
  );
  return html`<h2>Checks</h2>
    <ul>
      ${statuses.map(({ context, state, description }) => html`<li>${context}: ${state} ${description ?? ""}</li>`)}
      ${checks.map(({ name, status, conclusion }) => html`<li>${name}: ${conclusion ?? status}</li>`)}
    </ul>
    <h2>${pull.headRef} into ${pull.baseRef}</h2>
    ${block(patch)}`;
}

const said = (author: User, at: Date, text: string) =>
  html`<p class="by">${author.login}, ${iso(at)}</p>
    ${block(text)}`;

// Built without line breaks of its own: inside `pre` they would show.
const block = (text: string) => new Html(`<pre>${html`${text}`.text}</pre>`);

function stateOf(issue: Issue): string {
  if (issue.pull?.mergedAt) return "merged";
  return issue.pull?.draft === true ? `${issue.state}, draft` : issue.state;
}

const labelsOf = (issue: Issue) =>
  issue.labels.map(({ name }) => html`<span class="label">${name}</span> `);
